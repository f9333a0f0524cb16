// `ribostep step`: what the inspector shows, position by position, as a table or JSON.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "cli/commands.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

// The digits of the table, so that both forms of a number are the same.
double as_printed(float value) {
  return std::strtod(io::number(static_cast<double>(value)).c_str(), nullptr);
}

nlohmann::json row_json(const rnn::LayerTrace& layer, int t, int gate) {  // gate -1: h, -2: c
  nlohmann::json values = nlohmann::json::array();
  for (int unit = 0; unit < layer.hidden; ++unit)
    values.push_back(as_printed(gate == -1   ? layer.h(t, unit)
                                : gate == -2 ? layer.c(t, unit)
                                             : layer.gate(t, gate, unit)));
  return values;
}

nlohmann::ordered_json position_json(const session::Session& session, int t) {
  const rnn::Trace& trace = *session.trace();
  nlohmann::ordered_json row;
  row["position"] = t + 1;
  row["letter"] = std::string(1, session.letters()[static_cast<std::size_t>(t)]);
  for (std::size_t l = 0; l < trace.layers.size(); ++l) {
    const rnn::Layer& layer = session.network().layers[l];
    nlohmann::ordered_json out;
    out["layer"] =
        "l" + std::to_string(layer.level) + (layer.wiring == rnn::Wiring::Reverse ? "_reverse" : "");
    out["h"] = row_json(trace.layers[l], t, -1);
    if (rnn::has_cell_state(layer.cell)) out["c"] = row_json(trace.layers[l], t, -2);
    const auto gates = rnn::gates(layer.cell);
    for (std::size_t g = 0; gates.size() > 1 && g < gates.size(); ++g)
      out[gates[g].symbol] = row_json(trace.layers[l], t, static_cast<int>(g));
    row["layers"].push_back(std::move(out));
  }
  for (int k = 0; k < trace.outputs; ++k)
    row["p"][session.output_names()[static_cast<std::size_t>(k)]] = as_printed(trace.p(t, k));
  return row;
}

void print_json(const session::Session& session, int from, int to) {
  const io::Project& project = session.project();
  nlohmann::ordered_json out;
  out["sequence"] = std::string(session.data().name(project.cursor.sequence));
  out["length"] = session.length();
  out["weights"] = rnn::weights_hash(*project.weights);
  for (int t = from - 1; t < to; ++t) out["positions"].push_back(position_json(session, t));
  std::printf("%s\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

// The table without the positions that were not asked for; line p is position p.
void print_table(const session::Session& session, int from, int to) {
  std::istringstream lines(
      io::trace_tsv(session.network(), *session.trace(), session.letters(), session.output_names()));
  int position = 0;
  for (std::string line; std::getline(lines, line); ++position)
    if (position == 0 || (position >= from && position <= to)) std::printf("%s\n", line.c_str());
}

Exit run(Arguments& arguments) {
  const int from = arguments.whole("--from", 1, 1, 1'000'000'000);
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
      {"--from", "P", "first position (1)"},
      {"--to", "P", "last position (the end)"},
      {"--untrained", nullptr, "of the same network before its first update"},
      {"--json", nullptr, "JSON instead of a table"}}},
    &run};

}  // namespace ribostep::cli
