// `ribostep export`, `predict` and `scan`: results of a project as files.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "cli/scores.h"
#include "io/json_reader.h"
#include "io/safetensors.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

const Option kOutput = {"-o", "FILE", "where to write (standard output)"};

Exit write_download(Workbench& bench, const Arguments& arguments) {
  if (!bench.finish()) return kFailed;
  const auto file = bench.take_post("download");
  return file && write_file(arguments.text("-o"), {file->body.begin(), file->body.end()}) ? kOk : kFailed;
}

std::vector<double> in_double(std::span<const float> values) { return {values.begin(), values.end()}; }

std::string weights_file(const session::Session& session) {
  const auto bytes = io::write_safetensors(
      io::to_tensors(session.network(), in_double(*session.project().weights)), io::TensorType::Float32);
  return {bytes.begin(), bytes.end()};
}

// The project starts anew from the weights of a safetensors file.
bool take_weights(Workbench& bench, const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + path + ": is the name right?");
    return false;
  }
  Diagnostics diagnostics;
  const auto tensors = io::read_safetensors(*bytes, diagnostics);
  const auto values = io::has_error(diagnostics)
                          ? std::nullopt
                          : io::from_tensors(bench.session().network(), tensors, diagnostics);
  for (const Diagnostic& d : diagnostics) complain(d.text());
  if (!values) return false;
  auto weights = std::make_shared<std::vector<float>>();
  for (const double value : *values) weights->push_back(static_cast<float>(value));
  if (!std::all_of(weights->begin(), weights->end(), [](float w) { return std::isfinite(w); })) {
    complain(path + " holds weights that are not finite numbers");
    return false;
  }
  io::Project project = bench.session().project();
  project.updates = 0;
  project.changes.clear();
  project.weights_hash.clear();
  project.numerics = rnn::kNumericsVersion;
  project.weights = project.start_weights = std::move(weights);
  return bench.open(project);
}

Exit run_export(Arguments& arguments) {
  const std::string what = arguments.text("--what", "project");
  if (what != "project" && what != "trace" && what != "predictions" && what != "fasta" && what != "weights")
    arguments.complain("--what must be project, trace, predictions, fasta or weights, not \"" + what + "\"");
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  if (arguments.has("--weights") && !take_weights(bench, arguments.text("--weights"))) return kFailed;
  session::Session& session = bench.session();
  if (what == "weights") return write_file(arguments.text("-o"), weights_file(session)) ? kOk : kFailed;
  if (what == "fasta") {
    const bool series = session.data().channels() > 0;  // a table: FASTA has letters
    return write_file(arguments.text("-o"),
                      (series ? io::to_series_table : io::to_fasta)(session.data(), session.labels()))
               ? kOk
               : kFailed;
  }
  if (what == "predictions") {
    session.predict();
    if (!bench.finish()) return kFailed;
    session.export_predictions();
  }
  if (what == "project") session.export_project();
  if (what == "trace") session.export_trace();
  return write_download(bench, arguments);
}

// The header line and the lines from `first` on.
std::string tail_of_table(const session::Bytes& table, int first) {
  std::istringstream lines(std::string(table.begin(), table.end()));
  std::string out;
  int row = -1;
  for (std::string line; std::getline(lines, line); ++row)
    if (row < 0 || row >= first) out += line + "\n";
  return out;
}

// Opens the project and, if a second word is given, shows its network the sequences in that file.
Exit open_with_queries(Workbench& bench, Arguments& arguments, int& first_new) {
  first_new = 0;
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  if (arguments.words().size() < 2) return kOk;
  return add_queries(bench, arguments.words()[1], first_new) ? kOk : kFailed;
}

Exit run_predict(Arguments& arguments) {
  Workbench bench(arguments);
  int first_new = 0;
  if (const Exit status = open_with_queries(bench, arguments, first_new); status != kOk) return status;
  bench.session().predict();
  if (!bench.finish()) return kFailed;
  if (arguments.has("--scores"))
    return write_file(arguments.text("-o"), scores_json(bench.session()).dump(2) + "\n") ? kOk : kFailed;
  bench.session().export_predictions();
  if (!bench.finish()) return kFailed;
  const auto file = bench.take_post("download");
  return file && write_file(arguments.text("-o"), tail_of_table(file->body, first_new)) ? kOk : kFailed;
}

Exit run_scan(Arguments& arguments) {
  const int window = arguments.whole("--window", 0, 1, 1'000'000'000);
  const int step = arguments.whole("--step", 1, 1, 1'000'000'000);
  Workbench bench(arguments);
  int first_new = 0;
  if (const Exit status = open_with_queries(bench, arguments, first_new); status != kOk) return status;
  session::Session& session = bench.session();
  // Windows as long as what the network was trained on, unless told otherwise.
  const int usual = session.data().length(0);
  int record = arguments.words().size() < 2 ? session.project().cursor.sequence : first_new;
  if (arguments.has("--sequence")) record = sequence_index(session, arguments.text("--sequence"));
  if (record < 0) return kFailed;
  session.select_sequence(record);
  session.scan(window > 0 ? window : usual, step, !arguments.has("--forward"));
  if (!bench.finish()) return kFailed;
  return write_file(arguments.text("-o"), session.scan_tsv()) ? kOk : kFailed;
}

}  // namespace

const Command kExport = {"export",
                         "LINK|FILE",
                         "project, trace, predictions, sequences or weights as a file",
                         1,
                         {{{"--what", "KIND",
                            "project, trace, predictions, fasta or weights (safetensors, names as in "
                            "`ribostep forward --help`) (project)"},
                           {"--weights", "FILE", "safetensors to be the network's weights first"},
                           kOutput}},
                         &run_export};

const Command kPredict = {
    "predict",
    "LINK|FILE [SEQUENCES]",
    "the network's answer for its own or for other sequences",
    2,
    {{{"--scores", nullptr, "how good the answers are, as JSON, instead of the answers"}, kOutput}},
    &run_predict};

const Command kScan = {"scan",
                       "LINK|FILE [SEQUENCES]",
                       "the network's answer for every window of a long sequence",
                       2,
                       {{{"--sequence", "N|NAME", "which one to scan"},
                         {"--window", "N", "letters per window (the length of the first sequence)"},
                         {"--step", "N", "letters from window to window (1)"},
                         {"--forward", nullptr, "the given strand only"},
                         kOutput}},
                       &run_scan};

}  // namespace ribostep::cli
