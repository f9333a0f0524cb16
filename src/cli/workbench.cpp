// Session, worker, files and terminal together, so that commands are short.
#include "cli/workbench.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "io/project.h"
#include "session/history.h"

namespace ribostep::cli {
namespace {

using session::Bytes;
using session::Message;

constexpr std::chrono::seconds kLogEvery{5};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::optional<Bytes> read_all(std::FILE* file) {
  Bytes bytes;
  std::uint8_t part[1u << 16u];
  while (const std::size_t size = std::fread(part, 1, sizeof part, file))
    bytes.insert(bytes.end(), part, part + size);
  if (std::ferror(file) != 0) return std::nullopt;
  return bytes;
}

// The folder that has assets/ in it.
std::string site_root(const Arguments& arguments) {
  const char* environment = std::getenv("RIBOSTEP_ASSETS");
  std::string assets =
      arguments.text("--assets", environment != nullptr ? environment : RIBOSTEP_SOURCE_DIR "/assets");
  while (assets.size() > 1 && assets.back() == '/') assets.pop_back();
  return assets;
}

// "assets/x" of the page is ASSETS/x here. At the command line nothing is on show before the command says so.
session::LocalWorker::Fetch fetch_from(const std::string& assets) {
  return [assets](const std::string& url) -> std::optional<Bytes> {
    constexpr std::string_view kPrefix = "assets/";
    if (url.compare(0, kPrefix.size(), kPrefix) != 0 || url.find("..") != std::string::npos)
      return std::nullopt;
    if (url == "assets/start.ribostep.json") return std::nullopt;
    return read_file(assets + "/" + url.substr(kPrefix.size()));
  };
}

bool holds_link(std::string_view text) {
  return text.find("#p=") != std::string_view::npos || text.compare(0, 2, "p=") == 0;
}

const char* word(Severity severity) {
  return severity == Severity::Error ? "error: " : severity == Severity::Warning ? "warning: " : "";
}

}  // namespace

const std::vector<Option> kCommonOptions = {
    {"--assets", "FOLDER", "where the built-in data sets are (or $RIBOSTEP_ASSETS)"},
    {"--quiet", nullptr, "no progress on standard error"},
    {"--help", nullptr, "this text"},
};

void complain(const std::string& text) { std::fprintf(stderr, "ribostep: %s\n", text.c_str()); }

std::optional<Bytes> read_file(const std::string& path) {
  if (path == "-") return read_all(stdin);
  const File file(std::fopen(path.c_str(), "rb"));
  return file ? read_all(file.get()) : std::nullopt;
}

bool write_file(const std::string& path, const std::string& bytes) {
  const bool to_terminal = path.empty() || path == "-";
  const File file(to_terminal ? nullptr : std::fopen(path.c_str(), "wb"));
  std::FILE* out = to_terminal ? stdout : file.get();
  if (out == nullptr) {
    complain("cannot write " + path + ": is the folder there, and may you write in it?");
    return false;
  }
  const bool good = std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size() && std::fflush(out) == 0;
  if (!good) complain("could not write everything: is the disk full?");
  return good;
}

Workbench::Workbench(const Arguments& arguments)
    : quiet_(arguments.has("--quiet")), worker_(session_, fetch_from(site_root(arguments))) {
  session_.history().keep_checkpoints(false);  // nobody looks back here, and packing them takes time
}

bool Workbench::boot() {
  if (!session_.examples().empty()) return true;
  worker_.boot();
  worker_.settle();
  worker_.take_said();  // "no opening example" is meant
  worker_.take_posts();
  return !session_.examples().empty();
}

void Workbench::show_progress() {
  if (quiet_) return;
  const session::Job& job = session_.job();
  const session::Training& training = session_.training();
  const bool trains = training.state == session::TrainingState::Running && training.planned > 0;
  if (job.kind == session::JobKind::None && !trains) return end_progress();
  const double done =
      trains ? static_cast<double>(training.updates) / static_cast<double>(training.planned) : job.progress;
  char line[160];
  std::snprintf(line, sizeof line, "%3.0f %%  %.100s", 100 * done, trains ? "training" : job.text.c_str());
  if (isatty(STDERR_FILENO) == 0) {  // a log: now and then a line
    const auto now = std::chrono::steady_clock::now();
    if (now - progress_time_ < kLogEvery) return;
    progress_time_ = now;
    std::fprintf(stderr, "%s\n", line);
    return;
  }
  if (progress_line_ != line) std::fprintf(stderr, "\r%s\x1b[K", line);
  progress_line_ = line;
}

void Workbench::end_progress() {
  if (!progress_line_.empty()) std::fprintf(stderr, "\r\x1b[K");
  progress_line_.clear();
}

bool Workbench::finish(double limit_s) {
  const auto start = std::chrono::steady_clock::now();
  bool good = worker_.settle([&] {
    show_progress();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < limit_s;
  });
  end_progress();
  for (const session::Status& status : worker_.take_said()) {
    if (status.severity == Severity::Error) good = false;
    if (status.severity == Severity::Note && quiet_) continue;
    std::fprintf(stderr, "%s%s\n", word(status.severity), status.text.c_str());
  }
  return good;
}

bool Workbench::load_sequences(const std::string& path, std::optional<bio::AlphabetKind> alphabet) {
  std::optional<Bytes> bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + path + ": is the name right?");
    return false;
  }
  const std::size_t slash = path.rfind('/');
  session_.load_text(std::move(*bytes),
                     path == "-" ? "standard input" : path.substr(slash == path.npos ? 0 : slash + 1),
                     alphabet && bio::alphabet(*alphabet).is_formal() ? alphabet : std::nullopt);
  return finish() && session_.has_data();
}

bool Workbench::load_example(const std::string& id) {
  if (!boot()) {
    complain("the built-in data sets were not found: give their folder with --assets");
    return false;
  }
  const auto& examples = session_.examples();
  if (std::none_of(examples.begin(), examples.end(), [&](const session::Example& e) { return e.id == id; })) {
    std::string known;
    for (const session::Example& e : examples) known += (known.empty() ? "" : ", ") + e.id;
    complain("there is no built-in set \"" + id + "\": choose one of " + known);
    return false;
  }
  session_.load_example(id);
  return finish() && session_.has_data();
}

bool Workbench::open(const std::string& link_or_path) {
  std::string text = link_or_path;
  if (!holds_link(text)) {
    const std::optional<Bytes> bytes = read_file(link_or_path);
    if (!bytes) {
      complain("cannot read " + link_or_path + ": give a link with #p= in it or the name of a project file");
      return false;
    }
    text.assign(bytes->begin(), bytes->end());
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != text.npos && text[first] == '{';
  io::ReadProject read = is_json ? io::parse_project(text) : io::from_fragment(text);
  for (const Diagnostic& d : read.diagnostics)
    std::fprintf(stderr, "%s%s\n", word(d.severity), d.text().c_str());
  if (!read.ok()) return false;
  opened_ = std::move(read.project);
  return open(*opened_);
}

bool Workbench::open(const io::Project& project, double limit_s) {
  if (!project.data.example.empty() && !boot()) {
    complain("the built-in data sets were not found: give their folder with --assets");
    return false;
  }
  if (project.data.example.empty() && project.data.set == nullptr) {
    complain("the project holds no sequences, only their name: export it again as a project file");
    return false;
  }
  session_.open_project(io::to_json(project, {}).dump());
  return finish(limit_s) && session_.has_data();
}

void Workbench::print_diagnostics() const {
  for (const Diagnostic& d : session_.diagnostics())
    std::fprintf(stderr, "%s%s\n", word(d.severity), d.text().c_str());
}

std::optional<Message> Workbench::take_post(const std::string& type) {
  for (Message& message : worker_.take_posts())
    if (message.type() == type) return std::move(message);
  return std::nullopt;
}

}  // namespace ribostep::cli
