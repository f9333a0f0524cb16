// The inner loop of reading and the words about its result.
#include "bio/reader_collect.h"

#include <algorithm>

#include "base/hash.h"
#include "bio/reader_text.h"
#include "bio/utf8.h"

namespace ribostep::bio {
namespace {

// Meanings of a byte that are not a token (tokens are below 32).
enum : std::uint8_t { kFirstOther = 200, kEnd = 200, kBlank, kDigit, kGap, kStop, kUnknown };

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kShown = 8;  // letters of a run that a message shows

std::array<std::uint8_t, 256> meanings(const Alphabet& alphabet) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const int token = byte < 128 ? alphabet.token(static_cast<char>(byte)) : -1;
    table[byte] = token >= 0 ? static_cast<std::uint8_t>(token) : std::uint8_t{kUnknown};
  }
  for (const char c : {'\n', '\r'}) table[static_cast<unsigned char>(c)] = kEnd;
  for (const char c : {' ', '\t', '\v', '\f', '"'}) table[static_cast<unsigned char>(c)] = kBlank;
  if (!alphabet.is_formal())  // where '2' is no numbering but a mistake
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = kDigit;
  for (const char c : {'-', '.', '~'}) table[static_cast<unsigned char>(c)] = kGap;
  table[static_cast<unsigned char>('*')] = kStop;
  return table;
}

// No-break space, zero-width space, byte order mark: what word processors and web pages leave behind.
bool is_invisible(std::string_view character) {
  return character == "\xC2\xA0" || character == "\xE2\x80\x8B" || character == "\xEF\xBB\xBF";
}

}  // namespace

Collector::Collector(std::string_view text, AlphabetKind kind)
    : text_(text), alphabet_(bio::alphabet(kind)), meaning_(meanings(alphabet_)), any_(alphabet_.any()) {
  data_.alphabet_kind = kind;
}

void Collector::at_line(int line, std::size_t begin) {
  line_ = line;
  column_at_ = begin;
  column_ = 1;
}

int Collector::column(std::size_t at) {
  for (; column_at_ < at; ++column_at_) {
    const auto byte = static_cast<unsigned char>(text_[column_at_]);
    if ((byte & 0xC0u) != 0x80u) ++column_;  // continuation bytes belong to the character before
  }
  return column_;
}

void Collector::tell(Severity severity, int line, int column, std::string message) {
  messages_.tell(severity, line, column, std::move(message));
}

void Collector::begin(std::string_view name, std::string_view description, std::string_view column_label) {
  if (open_) end();
  open_ = true;
  ++begun_;
  record_line_ = line_;
  name_ = clean_text(name);
  if (name_.empty()) name_ = "sequence " + std::to_string(begun_);
  description_ = clean_text(description);
  label_ = clean_text(column_label);
  annotation_.clear();
  tokens_.clear();
  unknown_in_record_ = 0;
}

std::size_t Collector::letters(std::size_t at, std::size_t stop, std::size_t bound) {
  std::array<std::uint8_t, kChunk> chunk;
  while (at < stop) {
    const std::size_t limit = std::min(stop - at, kChunk);
    const char* letter = text_.data() + at;
    std::size_t count = 0;
    while (count < limit) {
      const std::uint8_t meaning = meaning_[static_cast<unsigned char>(letter[count])];
      if (meaning >= kFirstOther) break;
      chunk[count++] = meaning;
    }
    tokens_.insert(tokens_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    at += count;
    if (count == limit) continue;
    switch (meaning_[static_cast<unsigned char>(text_[at])]) {
      case kEnd:
        return at;
      case kUnknown:
        at = unknown(at, bound);
        continue;
      case kDigit:
        ++digits_;
        break;
      case kGap:
        ++gaps_;
        break;
      case kStop:
        ++stops_;
        break;
      default:
        break;
    }
    ++at;
  }
  return at;
}

// A letter without a meaning keeps its place: leaving it out would shift every position behind it. A run of
// them is one message.
std::size_t Collector::unknown(std::size_t at, std::size_t bound) {
  const std::size_t begin = at;
  std::size_t count = 0;
  std::string shown;
  while (at < bound && meaning_[static_cast<unsigned char>(text_[at])] == kUnknown) {
    const std::string_view character = text_.substr(
        at, std::max<std::size_t>(utf8_length(text_.substr(at, std::min<std::size_t>(4, bound - at))), 1));
    at += character.size();
    if (is_invisible(character)) continue;
    if (count < kShown) shown += clean_text(character);
    ++count;
  }
  if (any_ >= 0) tokens_.insert(tokens_.end(), count, static_cast<std::uint8_t>(any_));
  unknown_in_record_ += count;
  unknown_ += count;
  if (count == 0) return at;
  if (messages_.full()) {
    messages_.count();
    return at;
  }
  const std::string how =
      any_ < 0 ? "left out with its record" : std::string("read as ") + alphabet_.letter(any_);
  std::string message = "'" + shown + (count > kShown ? "…" : "") + "' ";
  message += count == 1 ? "is not a " : "are not ";
  message += std::string(alphabet_.name) + (count == 1 ? " symbol" : " symbols") + "; " + how +
             (count == 1 ? "" : " (" + std::to_string(count) + " times)") + ". Expected " +
             alphabet_.expected() + '.';
  tell(Severity::Warning, line_, column(begin), std::move(message));
  return at;
}

void Collector::annotate(std::string_view annotation, std::size_t begin, std::size_t end) {
  if (annotation.empty()) return;
  std::string kept;
  if (annotation.size() == tokens_.size()) {
    kept = annotation;
  } else if (annotation.size() == end - begin) {  // gaps and stops were dropped from the letters: here too
    for (std::size_t i = 0; i < annotation.size(); ++i) {
      const std::uint8_t meaning = meaning_[static_cast<unsigned char>(text_[begin + i])];
      if (meaning < kFirstOther || meaning == kUnknown) kept += annotation[i];
    }
  }
  if (kept.size() != tokens_.size()) {
    tell(Severity::Warning, line_, 0,
         record_text() + " has " + counted(tokens_.size(), "letter", "letters") + " but " +
             counted(annotation.size(), "label", "labels") +
             " per position; these labels were left out. Write one character per letter, '.' for none.");
    return;
  }
  std::size_t odd = 0;
  for (char& c : kept) {
    if (c >= 33 && c <= 126) continue;
    c = '.';
    ++odd;
  }
  if (odd > 0)
    tell(Severity::Warning, line_, 0,
         counted(odd, "label", "labels") + " of " + record_text() +
             " are not printable ASCII characters and were read as '.'.");
  annotation_ = std::move(kept);
}

std::string Collector::record_text() const { return "record '" + name_ + "'"; }

void Collector::end() {
  if (!open_) return;
  open_ = false;
  if (tokens_.empty()) {
    tell(Severity::Warning, record_line_, 0,
         record_text() + " has no letters and was left out; put its sequence on the line after the header.");
    return;
  }
  letters_ += tokens_.size();
  if (any_ < 0 && unknown_in_record_ > 0) return;  // said at the letter
  if (2 * unknown_in_record_ > tokens_.size()) {
    tell(Severity::Error, record_line_, 0,
         "more than half of " + record_text() + " are not " + std::string(alphabet_.name) +
             " symbols; it was left out. Check the text or choose another alphabet.");
    return;
  }
  if (alphabet_.kind == AlphabetKind::Protein) {
    const int u = alphabet_.token('U'), o = alphabet_.token('O');
    rare_ += static_cast<std::size_t>(
        std::count_if(tokens_.begin(), tokens_.end(), [&](int token) { return token == u || token == o; }));
  }
  data_.add(name_, description_, label_, tokens_, annotation_);
  line_of_record_.push_back(record_line_);
}

void Collector::note_totals(Diagnostics& notes) const {
  const auto note = [&](std::string message) { notes.push_back({Severity::Note, 0, 0, std::move(message)}); };
  if (gaps_ + stops_ > 0) {
    std::string what;
    if (gaps_ > 0) what = counted(gaps_, "gap ('-' or '.')", "gaps ('-' or '.')");
    if (stops_ > 0) what += (gaps_ > 0 ? " and " : "") + counted(stops_, "stop ('*')", "stops ('*')");
    note(what + (gaps_ + stops_ == 1 ? " was" : " were") + " left out; positions count letters only.");
  }
  if (digits_ > 0)
    note(counted(digits_, "digit", "digits") + " between the letters" + (digits_ == 1 ? " was" : " were") +
         " skipped as numbering.");
  if (rare_ > 0)
    note(counted(rare_, "letter", "letters") +
         " U or O (selenocysteine, pyrrolysine) have no symbol of their own among the 20 and count as any "
         "residue.");
}

void note_repeated_names(const Dataset& data, const std::vector<int>& lines, Diagnostics& notes) {
  // By hash: a million names are sorted in a fraction of a second without copying one.
  struct Named {
    std::uint64_t hash;
    int record;
  };
  std::vector<Named> names;
  names.reserve(static_cast<std::size_t>(data.size()));
  for (int i = 0; i < data.size(); ++i)
    names.push_back({Hash().bytes(data.name(i).data(), data.name(i).size()).value(), i});
  std::sort(names.begin(), names.end(), [](const Named& a, const Named& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.record < b.record;
  });
  std::size_t repeated = 0;
  int first = data.size();
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (names[i].hash != names[i - 1].hash) continue;
    ++repeated;
    first = std::min(first, names[i].record);
  }
  if (repeated == 0) return;
  notes.push_back(
      {Severity::Note, lines[static_cast<std::size_t>(first)], 0,
       "the name '" + std::string(data.name(first)) + "' was used before" +
           (repeated == 1 ? std::string("") : " (" + std::to_string(repeated) + " such records)") +
           "; all were kept, tell them apart by their number."});
}

void Collector::finish(ReadResult& result) {
  end();
  Diagnostics notes;
  if (unknown_ * 10 > letters_)
    notes.push_back({Severity::Error, 0, 0,
                     std::to_string(unknown_ * 100 / letters_) + " % of the letters are not " +
                         std::string(alphabet_.name) +
                         " symbols; if this is something else, choose another alphabet."});
  note_totals(notes);
  if (result.format != Format::Lines)
    note_repeated_names(data_, line_of_record_, notes);  // lines are numbered, not named
  if (data_.empty())
    notes.push_back(
        {Severity::Error, 0, 0,
         "no sequence was found; expected FASTA ('>name' and letters), one sequence per line, or a table "
         "with columns label and sequence."});
  result.data = std::move(data_);
  messages_.finish(std::move(notes), result.diagnostics);
}

}  // namespace ribostep::bio
