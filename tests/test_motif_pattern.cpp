// The parser of motifs: what it takes, what it refuses and where, its texts; and the matcher by definition,
// against the standard library's expressions and against counting mismatches by hand.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 is wrong about <regex> when sanitizers are on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <string>

#include "bio/utf8.h"
#include "motif/automaton.h"
#include "motif/matcher.h"
#include "motif_patterns.h"

using namespace ribostep;
using namespace ribostep::motif;

namespace {

std::string tree(std::string_view text, bio::AlphabetKind alphabet = kInDna) {
  const ParsedPattern parsed = parse_pattern(text, alphabet);
  REQUIRE_MESSAGE(parsed.pattern, text, " ", parsed.diagnostics.empty() ? "" : parsed.diagnostics[0].text());
  CHECK(parsed.diagnostics.empty());
  return to_text(*parsed.pattern);
}
bool prosite(std::string_view text) { return parse_pattern(text, kInProtein).pattern->prosite; }

Word word_of(std::string_view text, bio::AlphabetKind alphabet = kInDna) {
  Word word;
  for (const char c : text) word.push_back(static_cast<std::uint8_t>(bio::alphabet(alphabet).token(c)));
  return word;
}
// "0011": the answer at every prefix, the empty one first.
std::string matched(std::string_view pattern, Mode mode, int mismatches, std::string_view letters,
                    bio::AlphabetKind alphabet = kInDna) {
  const ParsedPattern parsed = parse_pattern(pattern, alphabet, mode, mismatches);
  REQUIRE(parsed.pattern);
  std::string text;
  for (const std::uint8_t yes : match_prefixes(*parsed.pattern, word_of(letters, alphabet)))
    text += yes ? '1' : '0';
  return text;
}

struct BadPattern {
  const char* text;
  bio::AlphabetKind alphabet;
  int column;
  const char* says;    // what is wrong
  const char* remedy;  // what to do
};
const BadPattern kBad[] = {
    {"", kInDna, 1, "no pattern yet", "type a motif"},
    {" \t\n", kInDna, 1, "no pattern yet", "type a motif"},
    {"ACE", kInDna, 3, "'E' is not a letter of DNA", "choose the protein alphabet"},
    {"AC@", kInDna, 3, "'@' is not a letter of DNA", "expected ACGT or an IUPAC code"},
    {"A1", kInDna, 2, "'1' alone says nothing", "{3}"},
    {"A0", kInDna, 2, "'0' alone says nothing", "{3}"},
    {"AC\xc3\xa9", kInDna, 3, "'\u00e9' is not a letter", "expected"},
    {"AC\xff", kInDna, 3, "byte 0xFF is not a letter", "expected"},
    {"A,C", kInDna, 2, "',' is not a letter", "a comma stands only between two numbers"},
    {"(AC", kInDna, 1, "'(' is never closed", "add ')'"},
    {"A(", kInDna, 2, "'(' is never closed", "add ')'"},
    {"AC)", kInDna, 3, "')' without '('", "remove it"},
    {")AC", kInDna, 1, "')' without '('", "remove it"},
    {"A[CG", kInDna, 2, "'[' is never closed", "add ']'"},
    {"AC]", kInDna, 3, "']' without '['", "remove it"},
    {"ACG}T", kInDna, 4, "'}' without '{'", "remove it"},
    {"A[]", kInDna, 2, "nothing stands in []", "put in the letters"},
    {"A[^]", kInDna, 2, "nothing stands in [^]", "put in the letters"},
    {"A[^N]C", kInDna, 2, "nothing is left of [^N]", "exclude fewer"},
    {"[^RY]", kInDna, 1, "nothing is left of [^RY]", "exclude fewer"},
    {"[A-G]C", kInDna, 3, "no ranges", "write out every one"},
    {"*A", kInDna, 1, "'*' has nothing before it", "write a letter"},
    {"(+A)", kInDna, 2, "'+' has nothing before it", "write a letter"},
    {"A|?", kInDna, 3, "'?' has nothing before it", "write a letter"},
    {"{2}A", kInDna, 1, "'{' has nothing before it", "[^P]"},
    {"A**", kInDna, 3, "'*' repeats what is repeated already", "put brackets around"},
    {"A{2}{3}", kInDna, 5, "'{' repeats what is repeated already", "put brackets around"},
    {"^*A", kInDna, 2, "'*' has nothing to repeat", "remove it"},
    {"A${2}", kInDna, 3, "'{' has nothing to repeat", "remove it"},
    {"A{3,2}", kInDna, 2, "at least 3 and at most 2 is impossible", "smaller number first"},
    {"A{}", kInDna, 3, "a number is missing", "write {2}"},
    {"A{,3}", kInDna, 3, "a number is missing", "write {2}"},
    {"A{2", kInDna, 2, "'{' is never closed", "add '}'"},
    {"A{2,", kInDna, 5, "a number is missing", "write {2}"},
    {"A{2x}", kInDna, 4, "'x' cannot stand among the numbers", "write {2}"},
    {"A{1 2}", kInDna, 5, "'2' cannot stand among the numbers", "write {2}"},
    {"A{201}", kInDna, 3, "up to 200 repetitions", "smaller number"},
    {"A{99999999999999999999}", kInDna, 3, "up to 200 repetitions", "smaller number"},
    {"A||C", kInDna, 3, "nothing stands on one side of '|'", "()"},
    {"|A", kInDna, 1, "nothing stands on one side of '|'", "()"},
    {"A|", kInDna, 2, "nothing stands on one side of '|'", "()"},
    {"A\\", kInDna, 2, "'\\' has no letter behind it", "remove it"},
    {"A-B-1", kInProtein, 5, "'1' alone says nothing", "x(3)"},
    {"N-{P}-[ST-{P}", kInProtein, 10, "no ranges", "write out"},
    {"N--P", kInProtein, 3, "an element is missing before this dash", "remove the dash"},
    {"-N", kInProtein, 1, "an element is missing before this dash", "remove the dash"},
    {"N-P-", kInProtein, 4, "an element is missing behind the last dash", "remove the dash"},
    {"N-P-.", kInProtein, 4, "an element is missing behind the last dash", "remove the dash"},
    {"N-PS", kInProtein, 4, "a dash is missing before 'S'", "between elements"},
    {"N-(P|S)", kInProtein, 3, "'(' has no place here: '-' at column 2", "PROSITE"},
    {"N-<P", kInProtein, 3, "'<' is the start", "move it to the front"},
    {"N>-P", kInProtein, 3, "nothing can follow it", "move it to the end"},
    {"N-.-P", kInProtein, 3, "'.' ends a PROSITE pattern", "write x"},
    {"N-x(4,2)", kInProtein, 4, "at least 4 and at most 2", "smaller number first"},
    {"N-x(2", kInProtein, 4, "'(' is never closed", "add ')'"},
    {"N-{}", kInProtein, 3, "nothing stands in {}", "put in"},
    {"N-{ACDEFGHIKLMNPQRSTVWY}", kInProtein, 3, "nothing is left of {", "exclude fewer"},
    {"N-{X}", kInProtein, 3, "nothing is left of {X}", "exclude fewer"},
    {"012", bio::AlphabetKind::Bits, 3, "'2' alone says nothing", "{3}"},
    {"(x)", bio::AlphabetKind::Brackets, 2, "'x' is not a letter of brackets",
     "expected (), written \\( and \\)"},
    {"ACG", bio::AlphabetKind::Series, 1, "numbers have no letters", "choose sequences"},
};

}  // namespace

TEST_CASE("every mistake in a pattern has its column, what is wrong and what to do") {
  REQUIRE(std::size(kBad) >= 25);
  for (const BadPattern& bad : kBad) {
    CAPTURE(bad.text);
    const ParsedPattern parsed = parse_pattern(bad.text, bad.alphabet);
    CHECK_FALSE(parsed.pattern);
    REQUIRE(parsed.diagnostics.size() == 1);
    const Diagnostic& said = parsed.diagnostics[0];
    CAPTURE(said.text());
    CHECK(said.severity == Severity::Error);
    CHECK(said.line == 0);
    CHECK(said.column == bad.column);
    CHECK(said.text() == "column " + std::to_string(bad.column) + ": " + said.message);
    CHECK(said.message.find(bad.says) != std::string::npos);
    CHECK(said.message.find(bad.remedy) != std::string::npos);
    CHECK(bio::is_utf8(said.message));
  }
}

TEST_CASE("patterns that are too long or too deep are refused, the longest and deepest are read") {
  const std::string longest(kMaxPattern, 'A');
  CHECK(parse_pattern(longest, kInDna).pattern);
  const ParsedPattern longer = parse_pattern(longest + "A", kInDna);
  REQUIRE(!longer.pattern);
  CHECK(longer.diagnostics[0].column == 401);
  CHECK(longer.diagnostics[0].message.find("401 characters and only 400") != std::string::npos);
  const auto nested = [](int depth) {
    return parse_pattern(std::string(static_cast<std::size_t>(depth), '(') + "A" +
                             std::string(static_cast<std::size_t>(depth), ')'),
                         kInDna);
  };
  CHECK(nested(kMaxDepth).pattern);
  const ParsedPattern deep = nested(kMaxDepth + 1);
  REQUIRE(!deep.pattern);
  CHECK(deep.diagnostics[0].column == kMaxDepth + 1);
  CHECK(deep.diagnostics[0].message.find("write it flatter") != std::string::npos);
  // All 400 bytes opening brackets: refused, not a crash.
  CHECK(!parse_pattern(std::string(kMaxPattern, '('), kInDna).pattern);
  CHECK(!parse_pattern("A", kInDna, Mode::Contains, kMaxMismatches + 1).pattern);
  CHECK(!parse_pattern("A", kInDna, Mode::Contains, -1).pattern);
}

TEST_CASE("expressions become trees") {
  CHECK(tree("ACG") == "sequence\n  letter A\n  letter C\n  letter G\n");
  CHECK(tree("A") == "letter A\n");
  CHECK(tree(" a\tc\n") == tree("AC"));
  CHECK(tree("U") == "letter T\n");
  CHECK(tree("T", kInRna) == "letter U\n");
  CHECK(tree("W") == "letter W = AT\n");
  CHECK(tree("[TA]") == tree("W"));
  CHECK(tree("[^CG]") == tree("W"));
  CHECK(tree("[^S]") == tree("W"));
  CHECK(tree("[AR]") == "letter R = AG\n");
  CHECK(tree("N") == "any letter\n");
  CHECK(tree(".") == "any letter\n");
  CHECK(tree("[ACDE]", kInProtein) == "letter [ACDE]\n");
  CHECK(tree("[^P]", kInProtein) == "letter [^P]\n");
  CHECK(tree("[ND]", kInProtein) == "letter B = DN\n");
  CHECK(tree("A|CG") == "either\n  letter A\n  sequence\n    letter C\n    letter G\n");
  CHECK(tree("(A|C)G") == "sequence\n  either\n    letter A\n    letter C\n  letter G\n");
  CHECK(tree("((A))") == "letter A\n");
  CHECK(tree("()") == "nothing\n");
  CHECK(tree("A*") == "repeat 0 or more\n  letter A\n");
  CHECK(tree("A+") == "repeat 1 or more\n  letter A\n");
  CHECK(tree("A?") == "optional\n  letter A\n");
  CHECK(tree("A{3}") == "repeat 3\n  letter A\n");
  CHECK(tree("A{3,}") == "repeat 3 or more\n  letter A\n");
  CHECK(tree("A{ 2 , 3 }") == "repeat 2 to 3\n  letter A\n");
  CHECK(tree("A{0,1}") == tree("A?"));
  CHECK(tree("(A*)?") == "optional\n  repeat 0 or more\n    letter A\n");
  CHECK(tree("^A$") == "sequence\n  start of the string\n  letter A\n  end of the string\n");
  CHECK(tree("\\(\\)", bio::AlphabetKind::Brackets) == "sequence\n  letter (\n  letter )\n");
  CHECK(tree("([01]1)*", bio::AlphabetKind::Bits) ==
        "repeat 0 or more\n  sequence\n    any letter\n    letter 1\n");
}

TEST_CASE("dashes make it a PROSITE pattern") {
  CHECK(tree("N-{P}-[ST]-{P}.", kInProtein) ==
        "sequence\n  letter N\n  letter [^P]\n  letter [ST]\n  letter [^P]\n");
  CHECK(tree("n - {p} - [st] - {p}", kInProtein) == tree("N-{P}-[ST]-{P}", kInProtein));
  CHECK(tree("x-x(2)-A(3)-x(2,4)", kInProtein) ==
        "sequence\n  any letter\n  repeat 2\n    any letter\n  repeat 3\n    letter A\n  repeat 2 to 4\n    "
        "any "
        "letter\n");
  CHECK(tree("A-x-T") == "sequence\n  letter A\n  any letter\n  letter T\n");
  CHECK(tree("<M-G>", kInProtein) ==
        "sequence\n  start of the string\n  letter M\n  letter G\n  end of the string\n");
  CHECK(tree("<-M-G->", kInProtein) == tree("<M-G>.", kInProtein));
  CHECK(tree("A-[G>]", kInProtein) ==
        "sequence\n  letter A\n  either\n    letter G\n    end of the string\n");
  CHECK(tree("<{C}*>", kInProtein) ==
        "sequence\n  start of the string\n  repeat 0 or more\n    letter [^C]\n  end of the string\n");
  CHECK(prosite("R-G-D"));
  CHECK(prosite("<M"));
  CHECK_FALSE(prosite("RGD"));
  CHECK_FALSE(prosite("A{2,3}[DE]"));
  // One letter of Reber's grammar is X.
  CHECK(tree("T-X", bio::AlphabetKind::Reber) == "sequence\n  letter T\n  letter X\n");
}

TEST_CASE("nodes know where they stand in the text") {
  const Pattern pattern = *parse_pattern("A (C|GT){2} [AC]", kInDna).pattern;
  const auto place = [&](Node::Kind kind, int which) {
    for (const Node& node : pattern.nodes)
      if (node.kind == kind && which-- == 0)
        return std::to_string(node.column) + "+" + std::to_string(node.width);
    return std::string();
  };
  CHECK(place(Node::Kind::Letters, 0) == "1+1");
  CHECK(place(Node::Kind::Either, 0) == "4+4");
  CHECK(place(Node::Kind::Repeat, 0) == "3+9");
  CHECK(place(Node::Kind::Letters, 4) == "13+4");
  CHECK(place(Node::Kind::Concat, 1) == "1+16");
}

TEST_CASE("sets of letters, modes and presets by name") {
  const bio::Alphabet &dna = bio::alphabet(kInDna), &protein = bio::alphabet(kInProtein);
  for (const bio::Code& code : dna.codes)
    CHECK(letters_text(code.symbols, dna) == (code.letter == 'N' ? "." : std::string(1, code.letter)));
  CHECK(letters_text((1u << 20) - 1, protein) == ".");
  for (const Mode mode : {Mode::Contains, Mode::EndsHere, Mode::Whole}) {
    CHECK(match_mode(name(mode)) == mode);
    CHECK(std::string(label(mode)) != "");
  }
  CHECK_FALSE(match_mode("somewhere"));
  std::vector<std::string> ids;
  for (const Preset& preset : presets()) {
    CAPTURE(preset.id);
    ids.push_back(preset.id);
    CHECK(std::string(preset.title).size() > 2);
    CHECK(std::string(preset.words).size() > 10);
    const ParsedPattern parsed =
        parse_pattern(preset.pattern, preset.alphabet, preset.mode, preset.mismatches);
    REQUIRE(parsed.pattern);
    const Stage<Nfa> nfa = make_nfa(*parsed.pattern);
    REQUIRE(nfa.made);
    const Stage<Dfa> dfa = make_dfa(*nfa.made);
    REQUIRE(dfa.made);
    CHECK(minimal(*dfa.made).states() <= 100);  // still a network one can look at
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(ids.size() >= 18);
}

TEST_CASE("the matcher knows modes and ends") {
  CHECK(matched("ACG", Mode::Contains, 0, "TACGA") == "000011");
  CHECK(matched("ACG", Mode::EndsHere, 0, "ACGACG") == "0001001");
  CHECK(matched("ACG", Mode::Whole, 0, "ACGA") == "00010");
  CHECK(matched("A*", Mode::Whole, 0, "AACA") == "11100");
  CHECK(matched("A*", Mode::Contains, 0, "CC") == "111");
  CHECK(matched("^A", Mode::EndsHere, 0, "AAC") == "0100");
  CHECK(matched("^A", Mode::Contains, 0, "CA") == "000");
  CHECK(matched("A$", Mode::Contains, 0, "CAAC") == "00110");  // '$': where the string ends
  CHECK(matched("A^C", Mode::Contains, 0, "ACAC") == "00000");
  CHECK(matched("$^", Mode::EndsHere, 0, "A") == "10");
  CHECK(matched("A$C", Mode::Contains, 0, "ACAC") == "00000");  // nothing can be read behind the end
  CHECK(matched("(A$|C)G", Mode::EndsHere, 0, "AGCG") == "00001");
  CHECK(matched("A-[C>]", Mode::Contains, 0, "ATAC") == "01011");
  CHECK(matched("(()|A){5}C", Mode::Whole, 0, "AAC") == "0001");
  CHECK(matched("((A*)*)*", Mode::Whole, 0, "AAC") == "1110");
  CHECK(matched("[ST]-x-[RK]", Mode::EndsHere, 0, "ASARSKK", kInProtein) == "00001001");
  // Deep repeats of repeats of nothing end.
  std::string deep = "()";
  for (int k = 0; k < 55; ++k) deep = "(" + deep + "{9,})";
  CHECK(matched(deep, Mode::Whole, 0, "A") == "10");
}

TEST_CASE("orf: nothing but sense codons between start and stop") {
  const Preset* orf = nullptr;
  for (const Preset& preset : presets())
    if (std::string(preset.id) == "orf") orf = &preset;
  REQUIRE(orf != nullptr);
  int sense = 0;
  for (int codon = 0; codon < 64; ++codon) {
    const std::string_view bases = "ACGT";
    const std::string middle{bases[static_cast<std::size_t>(codon / 16)],
                             bases[static_cast<std::size_t>(codon / 4 % 4)],
                             bases[static_cast<std::size_t>(codon % 4)]};
    const bool stop = middle == "TAA" || middle == "TAG" || middle == "TGA";
    sense += stop ? 0 : 1;
    CHECK(matched(orf->pattern, Mode::Whole, 0, "ATG" + middle + "TAA").back() == (stop ? '0' : '1'));
    CHECK(matched(orf->pattern, Mode::Whole, 0, "ATG" + middle).back() == (stop ? '1' : '0'));
  }
  CHECK(sense == 61);
}

TEST_CASE("mismatches are substitutions, counted over the motif") {
  CHECK(matched("ACG", Mode::EndsHere, 1, "ACGAGGTTG") == "0001001000");
  CHECK(matched("ACG", Mode::Whole, 1, "AC") == "000");  // not a letter less
  CHECK(matched("ACG", Mode::Whole, 2, "TTG") == "0001");
  CHECK(matched("A.G", Mode::Whole, 0, "ATG") == "0001");  // any letter never mismatches
  // A plain word: every window by hand.
  const std::string word = "AGGA";
  for (int mismatches = 0; mismatches <= kMaxMismatches; ++mismatches)
    for (int code = 0; code < 4096; ++code) {
      std::string letters;
      for (int k = 0; k < 6; ++k) letters += "ACGT"[code >> (2 * k) & 3];
      std::string expected(7, '0');
      for (std::size_t end = 4; end <= 6; ++end) {
        int different = 0;
        for (std::size_t k = 0; k < 4; ++k) different += letters[end - 4 + k] != word[k];
        if (different <= mismatches) expected[end] = '1';
      }
      const std::string found = matched(word, Mode::EndsHere, mismatches, letters);
      if (found != expected) FAIL_CHECK(letters << " " << found << " " << expected);
    }
}

#if defined(__GLIBCXX__)  // other libraries take '^' within an expression for something else
namespace {

// The pattern as an expression of the standard library over A, C, G, T.
std::string ecma(const char* text) {
  const bio::Alphabet& dna = bio::alphabet(kInDna);
  std::string result;
  bool in_class = false;
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '[' || *c == ']') in_class = *c == '[';
    const int token = *c == '.' ? 14 : dna.token(*c);  // N
    if (token < 0) {
      result += *c;
      continue;
    }
    if (!in_class) result += '[';
    for (int k = 0; k < 4; ++k)
      if ((dna.codes[static_cast<std::size_t>(token)].symbols >> k & 1u) != 0) result += dna.letter(k);
    if (!in_class) result += ']';
  }
  return result;
}

}  // namespace

TEST_CASE("the matcher agrees with the standard library's expressions") {
  int compared = 0;
  for (const ListedPattern& listed : kListedPatterns) {
    if (listed.alphabet != kInDna || listed.mismatches > 0) continue;
    CAPTURE(std::string(listed.text));
    const std::string whole = ecma(listed.text);
    const std::regex expression(whole), ends("(?:" + whole + ")$");
    for (const Mode mode : {Mode::Contains, Mode::EndsHere, Mode::Whole}) {
      const Pattern pattern = *parse_pattern(listed.text, kInDna, mode).pattern;
      for (int code = 0; code < 256; ++code) {
        std::string letters;
        for (int k = 0; k < 4; ++k) letters += "ACGT"[code >> (2 * k) & 3];
        const std::vector<std::uint8_t> found = match_prefixes(pattern, word_of(letters));
        for (std::size_t t = 0; t <= letters.size(); ++t) {
          const std::string prefix = letters.substr(0, t);
          const bool expected = mode == Mode::Whole      ? std::regex_match(prefix, expression)
                                : mode == Mode::EndsHere ? std::regex_search(prefix, ends)
                                                         : std::regex_search(prefix, expression);
          ++compared;
          if ((found[t] != 0) != expected)
            FAIL_CHECK(listed.text << " " << name(mode) << " " << prefix << ": " << int(found[t]));
        }
      }
    }
  }
  CHECK(compared > 100'000);
}
#endif
