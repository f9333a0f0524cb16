// A Session with its worker at the command line: files in, statuses and Diagnostics out on standard error.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "cli/options.h"
#include "session/local_worker.h"

namespace ribostep::cli {

enum Exit : int { kOk = 0, kFailed = 1, kUsage = 2 };

// Whole file, or standard input for "-".
std::optional<session::Bytes> read_file(const std::string& path);
// To a file, or to standard output for "" and "-"; says what went wrong.
bool write_file(const std::string& path, const std::string& bytes);
void complain(const std::string& text);  // "ribostep: ..." on standard error

class Workbench {
 public:
  // Takes --assets and --quiet from the arguments.
  explicit Workbench(const Arguments& arguments);

  session::Session& session() { return session_; }
  // Runs everything that is under way, with progress on standard error. False when an Error was said, or when
  // `limit_s` seconds went by.
  bool finish(double limit_s = 1e9);

  // Any format the page takes. Letters of formal languages (`alphabet`) are not guessed from a text.
  bool load_sequences(const std::string& path, std::optional<bio::AlphabetKind> alphabet = {});
  bool load_example(const std::string& id);
  // A link, or the path of a project file or of a text with a link in it.
  bool open(const std::string& link_or_path);
  bool open(const io::Project& project, double limit_s = 1e9);
  void print_diagnostics() const;

  // What was opened, as it was written, before anything was computed.
  const std::optional<io::Project>& opened() const { return opened_; }
  std::optional<session::Message> take_post(const std::string& type);

 private:
  void show_progress();
  void end_progress();
  bool boot();

  bool quiet_;
  session::Session session_;
  session::LocalWorker worker_;
  std::optional<io::Project> opened_;
  std::string progress_line_;
  std::chrono::steady_clock::time_point progress_time_ = std::chrono::steady_clock::now();
};

extern const std::vector<Option> kCommonOptions;  // --assets, --quiet, --help

}  // namespace ribostep::cli
