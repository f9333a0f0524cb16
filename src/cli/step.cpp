// `ribostep step`: what the inspector shows, position by position, as a table or JSON.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "cli/commands.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

template <class F>
nlohmann::json row_json(int units, F value) {
  nlohmann::json values = nlohmann::json::array();
  for (int unit = 0; unit < units; ++unit) values.push_back(as_printed(value(unit)));
  return values;
}

nlohmann::ordered_json position_json(const session::Session& session, int t) {
  const rnn::Trace& trace = *session.trace();
  nlohmann::ordered_json row;
  row["position"] = t + 1;
  const auto index = static_cast<std::size_t>(t);
  if (index < session.letters().size()) row["letter"] = std::string(1, session.letters()[index]);
  for (std::size_t l = 0; l < trace.layers.size(); ++l) {
    const rnn::Layer& layer = session.network().layers[l];
    const rnn::LayerTrace& of = trace.layers[l];
    const int step = of.step_of(t);
    nlohmann::ordered_json out;
    out["layer"] = io::layer_name(layer);
    if (step < 0) continue;  // a sequence too short for one step
    if (of.letters_per_step > 1) out["step"] = step + 1;
    out["h"] = row_json(of.hidden, [&](int unit) { return of.h(step, unit); });
    if (rnn::has_cell_state(layer.cell))
      out["c"] = row_json(of.hidden, [&](int unit) { return of.c(step, unit); });
    const auto gates = rnn::gates(layer.cell);
    for (std::size_t g = 0; gates.size() > 1 && g < gates.size(); ++g)
      out[gates[g].symbol] =
          row_json(of.hidden, [&](int unit) { return of.gate(step, static_cast<int>(g), unit); });
    row["layers"].push_back(std::move(out));
  }
  const int answer = trace.row_of(t);
  const char* key = session.network().spec.task == rnn::Task::NextVector ? "predicted" : "p";
  for (int k = 0; answer >= 0 && k < trace.outputs; ++k)
    row[key][session.output_names()[static_cast<std::size_t>(k)]] = as_printed(trace.p(answer, k));
  return row;
}

// What feeds the first steps each layer reads; null when that is all zero.
nlohmann::ordered_json start_json(const session::Session& session) {
  const rnn::Trace& trace = *session.trace();
  nlohmann::ordered_json start;
  if (!io::starts_from_something(session.network(), trace)) return start;
  for (std::size_t l = 0; l < trace.layers.size(); ++l) {
    const rnn::Layer& layer = session.network().layers[l];
    const rnn::Fed fed = io::fed_first(layer, trace.layers[l]);
    if (fed.h == nullptr) continue;
    nlohmann::ordered_json out;
    out["layer"] = io::layer_name(layer);
    out["h"] = row_json(layer.hidden, [&](int unit) { return fed.h[unit]; });
    if (fed.c != nullptr) out["c"] = row_json(layer.hidden, [&](int unit) { return fed.c[unit]; });
    start.push_back(std::move(out));
  }
  return start;
}

void print_json(const session::Session& session, int from, int to) {
  const io::Project& project = session.project();
  const rnn::Trace& trace = *session.trace();
  nlohmann::ordered_json out;
  out["sequence"] = std::string(session.data().name(project.cursor.sequence));
  out["length"] = session.length();
  out["weights"] = rnn::weights_hash(*project.weights);
  if (trace.passes > 1) out["passes"] = trace.passes;
  if (!trace.settled) out["settled"] = false;
  if (const auto start = start_json(session); from == 0 && !start.is_null()) out["start"] = start;
  for (int t = std::max(from, 1) - 1; t < to; ++t) out["positions"].push_back(position_json(session, t));
  std::printf("%s\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

// The table without the positions that were not asked for. A row begins with its position.
void print_table(const session::Session& session, int from, int to) {
  std::istringstream lines(
      io::trace_tsv(session.network(), *session.trace(), session.letters(), session.output_names()));
  bool header = true;
  for (std::string line; std::getline(lines, line); header = false) {
    const int position = std::atoi(line.c_str());
    if (header || (position >= from && position <= to)) std::printf("%s\n", line.c_str());
  }
}

Exit run(Arguments& arguments) {
  const int from = arguments.whole("--from", 0, 0, 1'000'000'000);
  const int last = arguments.whole("--to", 1'000'000'000, 1, 1'000'000'000);
  Workbench bench(arguments);
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  if (arguments.has("--sequence")) {
    const int record = sequence_index(session, arguments.text("--sequence"));
    if (record < 0) return kFailed;
    session.select_sequence(record);
  }
  if (arguments.has("--untrained")) session.show_untrained_twin(true);
  if (!bench.finish()) return kFailed;
  const int to = std::min(last, session.length());
  if (from > to) {
    complain("the sequence has positions 1 to " + std::to_string(session.length()) +
             ": choose --from and --to there");
    return kFailed;
  }
  if (session.trace() == nullptr) {
    complain("the trace could not be computed");
    return kFailed;
  }
  if (arguments.has("--json"))
    print_json(session, from, to);
  else
    print_table(session, from, to);
  return kOk;
}

}  // namespace

const Command kStep = {
    "step",
    "LINK|FILE",
    "every gate and state of a sequence, position by position",
    1,
    {{{"--sequence", "N|NAME", "which one, counted from 1 (where the project's cursor is)"},
      {"--from", "P", "first position; 0 is what the first step starts from, shown if not zero (0)"},
      {"--to", "P", "last position (the end)"},
      {"--untrained", nullptr, "of the same network before its first update"},
      {"--json", nullptr, "JSON instead of a table"}}},
    &run};

}  // namespace ribostep::cli
