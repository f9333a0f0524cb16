// What a reader has to say, bounded: the first places by name, then how many more there are.
#pragma once
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "bio/reader.h"

namespace ribostep::bio {

class Messages {
 public:
  void tell(Severity severity, int line, int column, std::string message) {
    if (full()) return count();
    told_.push_back({severity, line, column, std::move(message)});
  }
  void count() { ++untold_; }
  bool full() const { return told_.size() + kNotes >= static_cast<std::size_t>(kMaxDiagnostics); }
  // All of it, with the notes about the whole at the end.
  void finish(Diagnostics notes, Diagnostics& out) {
    std::move(told_.begin(), told_.end(), std::back_inserter(out));
    std::move(notes.begin(), notes.end(), std::back_inserter(out));
    if (untold_ > 0)
      out.push_back({Severity::Note, 0, 0, "and " + std::to_string(untold_) + " more like these."});
    told_.clear();
  }

 private:
  static constexpr std::size_t kNotes = 8;  // places kept free for the notes about the whole
  Diagnostics told_;
  std::size_t untold_ = 0;
};

// A note when names occur more than once; `lines` says where each record began.
void note_repeated_names(const Dataset& data, const std::vector<int>& lines, Diagnostics& notes);

inline std::string counted(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + ' ' + (n == 1 ? one : many);
}

}  // namespace ribostep::bio
