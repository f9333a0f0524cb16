// Text to sequences: FASTA, one sequence per line, TSV/CSV-with-tabs `label<TAB>sequence` or with a header
// line naming columns (id/name, label/class, sequence/seq, labels/annotation); or to series of real values:
// tables of numbers, long (name, time, values) or wide (name, t1, t2, ...). What can be read is kept, what
// cannot is reported with line and column.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bio/dataset.h"

namespace ribostep::bio {

enum class Format : std::uint8_t { Fasta, Lines, Table, Series };
const char* name(Format format);  // "FASTA", "one sequence per line", "table", "series"

struct ReadOptions {
  std::optional<AlphabetKind> alphabet;  // unset: detected from the letters or numbers
  std::vector<std::string> channels;     // of a series, where they are known: other numbers describe it
};

struct ReadResult {
  Dataset data;  // empty when nothing could be read
  Format format = Format::Fasta;
  bool alphabet_detected = true;
  Diagnostics diagnostics;  // at most kMaxDiagnostics, then one line that counts the rest
};

inline constexpr int kMaxDiagnostics = 100;
inline constexpr std::size_t kMaxFileBytes = 256u << 20u;

// Reads in slices so that a worker can report progress and be cancelled. `bytes` must outlive the reader.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes, ReadOptions options = {});
  ~Reader();
  bool run(std::size_t max_bytes);  // true: finished
  double progress() const;          // 0..1
  ReadResult take();                // after run() returned true
 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The first line by which a text says that its letters are those of a formal language ("; alphabet=bits"):
// nobody would guess it. Empty for the other alphabets.
std::string alphabet_line(AlphabetKind kind);

// The whole at once.
ReadResult read(std::span<const std::uint8_t> bytes, ReadOptions options = {});
ReadResult read(std::string_view text, ReadOptions options = {});

}  // namespace ribostep::bio
