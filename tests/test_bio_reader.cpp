// What people paste: formats, odd files, and what is said about them.
#include <doctest/doctest.h>

#include "bio_samples.h"

using namespace ribostep;
using namespace ribostep::bio;

namespace {

// name|description|label|letters|annotation of every record, one per line.
std::string written(const Dataset& data) {
  std::string text;
  for (int i = 0; i < data.size(); ++i) {
    text.append(data.name(i))
        .append("|")
        .append(data.description(i))
        .append("|")
        .append(data.column_label(i));
    text.append("|" + data.letters(i) + "|").append(data.annotation(i)).append("\n");
  }
  return text;
}

std::string read_written(std::string_view text) { return written(read(text).data); }

}  // namespace

TEST_CASE("FASTA in all its spellings gives the same records") {
  const std::string expected = "one|first label=a||ACGTACGT|\ntwo|||GGCC|\n";
  for (const std::string_view text :
       {">one first label=a\nACGTACGT\n>two\nGGCC\n", ">one first label=a\nACGT\nACGT\n>two\nGG\nCC",
        ">one first label=a\r\nACGT\r\nACGT\r\n>two\r\nGGCC\r\n",
        ">one first label=a\rACGT\rACGT\r>two\rGGCC", "> one  first label=a \nacgtacgt\n>\ttwo\nggcc\n",
        "\xEF\xBB\xBF>one first label=a\nACGTACGT\n>two\nGGCC\n",
        "\n\n  >one first label=a\n\nACGT ACGT\n\n>two\n GGCC \n\n",
        "; made by hand\n>one first label=a\nACGT\n; note\nACGT\n>two\nGGCC",
        ">one first label=a\n1 ACGT\n5 ACGT*\n>two\nG-G..CC\n",
        ">one first label=a\nACG\xC2\xA0TACGT\xE2\x80\x8B\n>two\nGGCC"}) {
    CAPTURE(text);
    const ReadResult result = read(text);
    CHECK(result.format == Format::Fasta);
    CHECK(written(result.data) == expected);
    CHECK(errors(result.diagnostics) == 0);
    CHECK(result.alphabet_detected);
  }
}

TEST_CASE("dropped symbols are counted in one note") {
  const ReadResult result = read(">a\nAC--GT..*\n>b\nA*C\n");
  CHECK(written(result.data) == "a|||ACGT|\nb|||AC|\n");
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(result.diagnostics[0].severity == Severity::Note);
  CHECK(result.diagnostics[0].text() ==
        "4 gaps ('-' or '.') and 2 stops ('*') were left out; positions count letters only.");
  CHECK(mentions(read(">a\nAC-GT\n").diagnostics, "1 gap ('-' or '.') was left out"));
  CHECK(mentions(read(">a\n1 ACGT 10\n").diagnostics, "3 digits between the letters were skipped"));
}

TEST_CASE("an unknown letter keeps its place and is named with line, column and remedy") {
  const ReadResult result = read(">a\nACGT\nACJGT\n");
  CHECK(written(result.data) == "a|||ACGTACNGT|\n");
  REQUIRE(result.diagnostics.size() == 2);
  CHECK(result.diagnostics[0].severity == Severity::Warning);
  CHECK(result.diagnostics[0].text() ==
        "line 3, column 3: 'J' is not a DNA symbol; read as N. Expected ACGT or an IUPAC code (R Y S W K M B "
        "D H V N).");
  // One in nine: the whole may be something else.
  CHECK(mentions(result.diagnostics, "11 % of the letters are not DNA symbols"));

  // A run is one message; an accented letter is one letter; columns count characters.
  CHECK(mentions(read(">a\nACGTACGTACGTACGTACGTACGT\xC3\xA9\xC3\xA9##A!\n").diagnostics,
                 "line 2, column 25: '\xC3\xA9\xC3\xA9##' are not DNA symbols; read as N (4 times)"));
  CHECK(mentions(read(">a\nACGTACGTACGTACGTACGTACGT\xC3\xA9\xC3\xA9##A!\n").diagnostics,
                 "line 2, column 30: '!'"));
  CHECK(read(">a\nACGTACGT\xC3\xA9GT\n").data.letters(0) == "ACGTACGTNGT");
  CHECK(read(">a\nMKVLE#ELF\n").data.letters(0) == "MKVLEXELF");
  // A byte that is no UTF-8 is shown as Latin-1, so that messages stay valid text.
  CHECK(mentions(read(">a\nACGTACGTACGT\xE9GT\n").diagnostics, "'\xC3\xA9' is not"));
}

TEST_CASE("no flood of messages, and they say how many more there are") {
  std::string text = ">a\n";
  for (int i = 0; i < 1000; ++i) text += "ACGTACGTACGTACGTACGT?\n";
  text += ">b\n>b\nAC-GT\n";
  const ReadResult result = read(text);
  CHECK(result.diagnostics.size() <= static_cast<std::size_t>(kMaxDiagnostics) + 1);
  CHECK(result.diagnostics.size() > 50);
  CHECK(mentions(result.diagnostics, "1 gap"));
  CHECK(result.diagnostics.back().text() ==
        "and " + std::to_string(1001 - (kMaxDiagnostics - 8)) + " more like these.");
}

TEST_CASE("records without letters, letters without a record, names used twice") {
  const ReadResult result = read("ACGTT\n>empty\n>a\nACGT\n>\nGG\n>a\nTT\n>last");
  CHECK(written(result.data) == "sequence 1|||ACGTT|\na|||ACGT|\nsequence 4|||GG|\na|||TT|\n");
  CHECK(mentions(result.diagnostics, "line 1: these letters stand before the first '>'"));
  CHECK(mentions(result.diagnostics, "line 2: record 'empty' has no letters"));
  CHECK(mentions(result.diagnostics, "line 7: the name 'a' was used before"));
  CHECK(mentions(result.diagnostics, "line 9: record 'last' has no letters"));
  CHECK(errors(result.diagnostics) == 0);
}

TEST_CASE("a record that is mostly something else is left out, the others stay") {
  const ReadResult result = read(">a\nACGTACGTACGT\n>b\n####!!AC\n");
  CHECK(written(result.data) == "a|||ACGTACGTACGT|\n");
  CHECK(mentions(result.diagnostics,
                 "line 3: more than half of record 'b' are not DNA symbols; it was left out"));
  CHECK(mentions(read(">x\n").diagnostics, "no sequence was found"));
  CHECK(errors(read(">x\n").diagnostics) == 1);
}

TEST_CASE("alphabets are detected and can be overruled") {
  const auto kind = [](std::string_view text) { return read(text).data.alphabet_kind; };
  CHECK(kind(">a\nACGTACGTNN\n") == AlphabetKind::Dna);
  CHECK(kind(">a\nacguacgu\n") == AlphabetKind::Rna);
  CHECK(kind(">a\nACGTRYSWKM\n") == AlphabetKind::Protein);  // 4 of 10 are bases: more likely residues
  CHECK(kind(">a\nACGTACGTRYKM\n") == AlphabetKind::Dna);
  CHECK(kind(">a\nMKVLAAGIVGL\n") == AlphabetKind::Protein);
  CHECK(kind(">a\nMKV\n") == AlphabetKind::Protein);
  CHECK(kind(">a\nNNNNNN\n") == AlphabetKind::Dna);
  CHECK(kind(">a\nACGTJACGT\n") == AlphabetKind::Dna);
  CHECK(kind("x\tMKVLAAGIVGL\n") == AlphabetKind::Protein);
  CHECK(kind("UGCUUAUGA\nGCUA\n") == AlphabetKind::Rna);
  // Headers do not take part.
  CHECK(kind(">PLEASE FILE EFIL\nACGT\n") == AlphabetKind::Dna);
  ReadOptions protein;
  protein.alphabet = AlphabetKind::Protein;
  const ReadResult forced = read(">a\nACGT\n", protein);
  CHECK(forced.data.alphabet_kind == AlphabetKind::Protein);
  CHECK_FALSE(forced.alphabet_detected);
  CHECK(forced.data.letters(0) == "ACGT");
  ReadOptions rna;
  rna.alphabet = AlphabetKind::Rna;
  CHECK(read(">a\nACGT\n", rna).data.letters(0) == "ACGU");
  ReadOptions dna;
  dna.alphabet = AlphabetKind::Dna;
  CHECK(mentions(read(">a\nMKVLAAGIVGLPEF\n>b\nACGT\n", dna).diagnostics, "choose another alphabet"));
  const ReadResult rare = read(">a\nMKVUOLAAGIVGLEF\n");
  CHECK(rare.data.letters(0) == "MKVUOLAAGIVGLEF");
  CHECK(mentions(rare.diagnostics, "2 letters U or O"));
}

TEST_CASE("one sequence per line") {
  const ReadResult result = read("# list\nACGTAC\n\nACG TTT\n; end\nggg");
  CHECK(result.format == Format::Lines);
  CHECK(written(result.data) == "sequence 1|||ACGTAC|\nsequence 2|||ACGTTT|\nsequence 3|||GGG|\n");
  CHECK(read_written("ACGT") == "sequence 1|||ACGT|\n");
  std::string wrapped;
  for (int i = 0; i < 4; ++i) wrapped += std::string(60, 'A') + "\n";
  CHECK(mentions(read(wrapped + "ACG\n").diagnostics, "put a line '>name' before it"));
  CHECK_FALSE(mentions(read(wrapped + "ACG\nACGT\n").diagnostics, "put a line '>name' before it"));
}

TEST_CASE("tables") {
  const ReadResult plain = read("yes\tACGTACGT\nno\tGGTT\n");
  CHECK(plain.format == Format::Table);
  CHECK(written(plain.data) == "sequence 1||yes|ACGTACGT|\nsequence 2||no|GGTT|\n");
  CHECK(plain.diagnostics.empty());
  CHECK(read_written("promoter\tACGT\n") ==
        "sequence 1||promoter|ACGT|\n");  // the label is longer and all letters
  CHECK(read_written("ACGTACGTACGT\t1\nGGGGCCCCAAAA\t0\n") ==
        "sequence 1||1|ACGTACGTACGT|\nsequence 2||0|GGGGCCCCAAAA|\n");
  CHECK(read_written("Name\tSequence\tClass\tsource\nx\tACGT\ta\tlab 1\ny\tGG\t\tNA\n") ==
        "x|source=\"lab 1\"|a|ACGT|\ny|||GG|\n");
  CHECK(read_written("id,label,seq\nx,a,ACGT\n\"y, z\",b,\"GGTT\"\n") == "x||a|ACGT|\ny, z||b|GGTT|\n");
  CHECK(read_written("id;seq\r\nx;ACGT\r\n") == "x|||ACGT|\n");
  CHECK(read_written("# made by hand\n#label\tid\tsequence\na\tx\tACGT\nb\ty\tGG\n") ==
        "x||a|ACGT|\ny||b|GG|\n");
  CHECK(read_written("r1\tcat\tACGTACGT\nr2\tdog\tGGTT\n") == "r1||cat|ACGTACGT|\nr2||dog|GGTT|\n");
  CHECK(mentions(read("id\tclass\tread\nx\ta\tACGTAC\n").diagnostics, "column 3 was taken for it"));
  // A table of something else is no data set.
  const ReadResult numbers = read("gene\tvalue\tother\na\t1.5\t2\nb\t2.5\t3\n");
  CHECK(numbers.data.empty());
  CHECK(mentions(numbers.diagnostics, "no column of this table holds sequences"));
}

TEST_CASE("rows that are short, letters that are wrong: with their place") {
  const ReadResult result = read("id\tlabel\tsequence\nx\ta\tACGTACGTAC?T\ny\tb\nz\tb\tGGTTACGTACGT\n");
  CHECK(written(result.data) == "x||a|ACGTACGTACNT|\nz||b|GGTTACGTACGT|\n");
  CHECK(mentions(result.diagnostics, "line 2, column 15: '?' is not a DNA symbol"));
  CHECK(mentions(result.diagnostics, "line 3: this row has 2 cells but the sequence is in column 3"));
  // Unknown letters at the end of a cell stay in the cell.
  CHECK(read("id,sequence,label\nx,ACGTACGT##,yes\n").data.letters(0) == "ACGTACGTNN");
}

TEST_CASE("labels per position") {
  CHECK(read_written("id\tsequence\tannotation\nx\tACGT\t12.1\n") == "x|||ACGT|12.1\n");
  CHECK(read_written("id\tseq\ttopology\tsecondary_structure\nx\tMKVL\tSSMM\tHHEE\n") == "x|||MKVL|SSMM\n");
  // Gaps and stops drop their labels too.
  CHECK(read_written("id\tsequence\tlabels\nx\tAC-GT*\t12x34y\n") == "x|||ACGT|1234\n");
  const ReadResult off = read("id\tsequence\tlabels\nw\tACGT\t1234\nx\tACGT\t1234\ny\tACGTT\t123\n");
  CHECK(written(off.data) == "w|||ACGT|1234\nx|||ACGT|1234\ny|||ACGTT|\n");
  CHECK(mentions(off.diagnostics, "line 4: record 'y' has 5 letters but 3 labels per position"));
  // Columns of these names that hold something else.
  CHECK(read_written("id\tsequence\tlabels\nx\tACGT\tyes\ny\tAC\tno\n") == "x||yes|ACGT|\ny||no|AC|\n");
  const Dataset circle = read("id\tsequence\ttopology\nx\tACGTAC\tcircular\n").data;
  CHECK(circle.annotation(0).empty());
  CHECK(circle.circular(0));
}

TEST_CASE("what is no sequence data is refused by name") {
  using namespace std::string_view_literals;
  const auto refusal_of = [](std::string_view text) {
    const ReadResult result = read(text);
    CHECK(result.data.empty());
    REQUIRE(result.diagnostics.size() == 1);
    CHECK(result.diagnostics[0].severity == Severity::Error);
    return result.diagnostics[0].text();
  };
  CHECK(refusal_of("") == "there is nothing to read: the text is empty.");
  CHECK(refusal_of(" \r\n\t\n").find("empty") != std::string::npos);
  CHECK(refusal_of("\xEF\xBB\xBF\n").find("empty") != std::string::npos);
  CHECK(refusal_of("\x1F\x8B\x08\0\0"sv).find("gzip") != std::string::npos);
  CHECK(refusal_of("PK\x03\x04xyz"sv).find("zip archive") != std::string::npos);
  CHECK(refusal_of("%PDF-1.7\n").find("PDF") != std::string::npos);
  CHECK(refusal_of("\x89PNG\r\n\x1A\n").find("PNG") != std::string::npos);
  CHECK(refusal_of("\xFF\xD8\xFF\xE0").find("JPEG") != std::string::npos);
  CHECK(refusal_of("\xFF\xFE>\0a\0"sv).find("UTF-16") != std::string::npos);
  CHECK(refusal_of(">\0a\0\n\0A\0C\0G\0"sv).find("UTF-16") != std::string::npos);
  CHECK(refusal_of(">a\nACGT\0ACGT\nACGTACGTACGT"sv).find("binary") != std::string::npos);
  CHECK(refusal_of("\x01\x02\x03\x04\x05\x06\x07\x08").find("binary") != std::string::npos);
  CHECK(refusal_of("\x80\x91\xFA\xB3\xC0\xC1").find("binary") != std::string::npos);
  CHECK(refusal_of("<!DOCTYPE html><html>").find("HTML") != std::string::npos);
  CHECK(refusal_of("  \n <p>ACGT</p>").find("HTML") != std::string::npos);
  CHECK(refusal_of("{\"a\": 1}").find("JSON") != std::string::npos);
  CHECK(refusal_of("LOCUS       NC_001422").find("GenBank") != std::string::npos);
  CHECK(refusal_of("ID   P12345; SV 1;").find("UniProt") != std::string::npos);
  CHECK(refusal_of("@read1\nACGT\n+\nIIII\n").find("FASTQ") != std::string::npos);
  CHECK(refusal_of("{\\rtf1 abc}").find("RTF") != std::string::npos);
  CHECK(refusal_of("The quick brown fox jumps over the lazy dog.").find("running text") != std::string::npos);
  CHECK(refusal_of("Dear all,\nplease find the sequences attached to this message.\nBest wishes")
            .find("running text") != std::string::npos);
}

TEST_CASE("what looks like prose but is not stays readable") {
  CHECK(read("ATG GCC AAA TTT GGG CCC\n").data.letters(0) == "ATGGCCAAATTTGGGCCC");
  CHECK(read("1 mkvlaagivg lpefwhyrst\n21 mkvlaagivg lp\n").data.size() == 2);
  CHECK(read("M K V L E F\n").data.letters(0) == "MKVLEF");
  CHECK(read("ACG T ACGTT AC\n").data.letters(0) == "ACGTACGTTAC");
}

TEST_CASE("text from a file is made fit for screens and JSON") {
  const ReadResult result = read(
      ">caf\xE9 a\x01"
      "b \xC3\xA9\xED\xA0\x80\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT\n");
  REQUIRE(result.data.size() == 1);
  CHECK(result.data.name(0) == "caf\xC3\xA9");
  CHECK(result.data.description(0) == "a b \xC3\xA9\xC3\xAD\xC2\xA0\xC2\x80");
  CHECK(Dataset::unpack(result.data.pack()).has_value());
}

TEST_CASE("a file above the limit is refused with the limit in the message") {
  // The span is never read: the size alone decides.
  const std::uint8_t byte = 'A';
  const ReadResult result = read(std::span<const std::uint8_t>(&byte, kMaxFileBytes + (1u << 20u)));
  CHECK(result.data.empty());
  CHECK(mentions(result.diagnostics, "257 MB; at most 256 MB"));
}

TEST_CASE("reading in slices gives what reading at once gives") {
  const std::string texts[] = {
      "junk\n>one first\r\nACGT\xC3\xA9\xE2\x80\x8BGT?!\r\n>two\rGG-\rCC*\r\n;c\n>two\nxx\n>",
      "ACGT##\xC3\xA9\nAC GT\n\n#c\nGG\r\n\r\nTTT",
      "id\tlabel\tsequence\tlabels\nx\ta\tACGTA\t12345\ny\tb\nz\tb\tGG?TT\t12\n",
      "  \t >a\n  AC\n",
      "<html>",
      ">a\n\x80\x80\x80\x80\x80"
      "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT"};
  for (const std::string& text : texts) {
    const ReadResult whole = read(text);
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()),
                                              text.size());
    for (std::size_t slice = 1; slice <= text.size(); ++slice) {
      Reader reader(bytes);
      double progress = reader.progress();
      int runs = 0;
      while (!reader.run(slice)) {
        CHECK(reader.progress() >= progress);
        progress = reader.progress();
        REQUIRE(++runs <= 1000);
      }
      CHECK(reader.progress() == 1.0);
      const ReadResult result = reader.take();
      CHECK(written(result.data) == written(whole.data));
      REQUIRE(result.diagnostics.size() == whole.diagnostics.size());
      for (std::size_t i = 0; i < whole.diagnostics.size(); ++i)
        CHECK(result.diagnostics[i].text() == whole.diagnostics[i].text());
    }
  }
}

TEST_CASE("a long line is read in slices too") {
  Random random(1);
  const std::string letters = random_letters("ACGT", 1 << 20, random);
  for (const std::string& text : {letters, ">x\n" + letters}) {
    Reader reader(
        std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    int runs = 1;
    while (!reader.run(1 << 16)) ++runs;
    CHECK(runs >= 16);
    const ReadResult result = reader.take();
    REQUIRE(result.data.size() == 1);
    CHECK(result.data.letters(0) == letters);
  }
}

TEST_CASE("writing FASTA and reading it gives the data back") {
  Random random(99);
  for (int round = 0; round < 50; ++round) {
    const AlphabetKind kind = round % 2 == 0 ? AlphabetKind::Dna : AlphabetKind::Protein;
    std::string letters;
    for (const Code& code : alphabet(kind).codes) letters += code.letter;
    const char* const ends[] = {"\n", "\r\n", "\r"};
    const std::string end = ends[random.below(3)];
    Dataset data;
    data.alphabet_kind = kind;
    std::string text;
    const int count = 1 + static_cast<int>(random.below(5));
    for (int i = 0; i < count; ++i) {
      const std::string name = "n" + std::to_string(i), description = i % 2 == 0 ? "" : "label=x and more";
      const std::string sequence = random_letters(letters, 1 + static_cast<int>(random.below(200)), random);
      data.add(name, description, {}, tokens_of(sequence, kind));
      text += ">" + name + " " + description + end;
      const std::size_t width = 1 + random.below(80);
      for (std::size_t at = 0; at < sequence.size(); at += width) text += sequence.substr(at, width) + end;
    }
    ReadOptions options;
    options.alphabet = kind;
    const ReadResult result = read(text, options);
    CHECK(result.data.content_hash() == data.content_hash());
    CHECK(errors(result.diagnostics) == 0);
  }
}

TEST_CASE("any bytes at all are read without harm") {
  Random random(2024);
  const std::string_view alphabet_soup = ">;#,\t\n\r ACGTUNacgtEFIL?*-.\"'<@{|=\xC3\xA9\xFF\x01";
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random_letters(alphabet_soup, static_cast<int>(random.below(120)), random);
    const ReadResult result = read(text);
    CHECK(result.diagnostics.size() <= static_cast<std::size_t>(kMaxDiagnostics) + 1);
    CHECK((!result.data.empty() || errors(result.diagnostics) > 0));
    CHECK(Dataset::unpack(result.data.pack()).has_value());
  }
}
