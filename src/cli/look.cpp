// `ribostep sensitivity` and `ribostep equivariance`: how much each step of a sequence matters, and how much
// the origin of a circle does.
#include <cmath>
#include <cstdio>

#include "cli/commands.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

// Opens the project, and the sequence that was asked for.
Exit open_sequence(Workbench& bench, Arguments& arguments) {
  if (const Exit status = open_word(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  if (!arguments.has("--sequence")) return kOk;
  const int record = sequence_index(session, arguments.text("--sequence"));
  if (record < 0) return kFailed;
  session.select_sequence(record);
  return kOk;
}

std::string cell(const std::vector<double>& values, int at) {
  const auto index = static_cast<std::size_t>(at);
  if (index >= values.size()) return "NA";
  return std::isinf(values[index]) ? "-inf" : io::number(values[index]);
}

nlohmann::ordered_json number_json(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json("-inf");
}

// Rows go by letters; a step of several letters stands beside each of them.
struct Row {
  int position;
  std::string letter;
  int step;  // of the first level
};
template <class F>
void each_row(const session::Session& session, const rnn::Sensitivity& found, F f) {
  const int letters = found.steps == 0 ? 0 : session.trace()->length;
  for (int t = 0; t < letters; ++t) {
    const auto at = static_cast<std::size_t>(t);
    const bool lettered = session.network().spec.input != rnn::Input::Values && at < session.letters().size();
    f(Row{t + 1, lettered ? std::string(1, session.letters()[at]) : ".",
          std::min(t / found.letters_per_step, found.steps - 1)});
  }
}

int step_of(const session::Session& session, std::size_t layer, int position) {
  return session.trace()->layers[layer].step_of(position - 1);
}

void print_table(const session::Session& session, const rnn::Sensitivity& found) {
  const auto& layers = session.network().layers;
  std::printf("position\tletter");
  for (const rnn::Layer& layer : layers) std::printf("\tdL/dh(%s)", io::layer_name(layer).c_str());
  std::printf("\tdL/dx\tstep_sigma\tproduct_sigma\n");
  each_row(session, found, [&](const Row& row) {
    std::printf("%d\t%s", row.position, row.letter.c_str());
    for (std::size_t l = 0; l < layers.size(); ++l)
      std::printf("\t%s", l < found.state_gradient.size()
                              ? cell(found.state_gradient[l], step_of(session, l, row.position)).c_str()
                              : "NA");
    for (const auto* values : {&found.input_gradient, &found.step_sigma, &found.product_sigma})
      std::printf("\t%s", cell(*values, row.step).c_str());
    std::printf("\n");
  });
}

nlohmann::ordered_json row_json(const session::Session& session, const rnn::Sensitivity& found,
                                const Row& row) {
  nlohmann::ordered_json out = {{"position", row.position}};
  if (session.network().spec.input != rnn::Input::Values) out["letter"] = row.letter;
  for (std::size_t l = 0; l < found.state_gradient.size(); ++l) {
    const rnn::Layer& layer = session.network().layers[l];
    const int step = step_of(session, l, row.position);
    nlohmann::ordered_json of = {
        {"layer", io::layer_name(layer)},
        {"dL/dh", number_json(found.state_gradient[l][static_cast<std::size_t>(step)])}};
    const auto& path = found.direct_path;
    for (int unit = 0; l < path.size() && !path[l].empty() && unit < layer.hidden; ++unit)
      of["direct_path"].push_back(
          number_json(static_cast<double>(path[l][static_cast<std::size_t>(step * layer.hidden + unit)])));
    out["layers"].push_back(std::move(of));
  }
  const auto add = [&](const char* name, const std::vector<double>& values) {
    if (!values.empty()) out[name] = number_json(values[static_cast<std::size_t>(row.step)]);
  };
  add("dL/dx", found.input_gradient);
  add("step_sigma", found.step_sigma);
  add("product_sigma", found.product_sigma);
  return out;
}

void print_json(const session::Session& session, const rnn::Sensitivity& found) {
  nlohmann::ordered_json out;
  out["sequence"] = std::string(session.data().name(session.project().cursor.sequence));
  out["weights"] = rnn::weights_hash(session.weights());
  out["loss"] = rnn::name(session.sensitivity_loss());
  out["jacobians"] = found.jacobian_note;
  each_row(session, found,
           [&](const Row& row) { out["positions"].push_back(row_json(session, found, row)); });
  std::printf("%s\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

Exit run_sensitivity(Arguments& arguments) {
  const auto loss = rnn::sensitivity_loss(arguments.text("--loss", "whole"));
  if (!loss) {
    arguments.complain("--loss must be whole, last_output or at_cursor, not \"" + arguments.text("--loss") +
                       "\"");
    return kUsage;
  }
  const int position = arguments.whole("--position", 0, 1, 1'000'000'000);
  if (arguments.has("--position") && *loss != rnn::SensitivityLoss::AtCursor)
    arguments.complain("--position means something only together with --loss at_cursor");
  Workbench bench(arguments);
  if (const Exit status = open_sequence(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  if (position > session.length()) {
    complain("the sequence has positions 1 to " + std::to_string(session.length()) +
             ": choose --position there");
    return kFailed;
  }
  if (position > 0) session.go_to(position);
  if (arguments.has("--untrained")) session.show_untrained_twin(true);
  session.set_sensitivity_loss(*loss);
  session.want_sensitivity(true);
  if (!bench.finish()) return kFailed;
  const rnn::Sensitivity* found = session.sensitivity();
  if (found == nullptr || session.trace() == nullptr ||
      (found->state_gradient.empty() && found->step_sigma.empty())) {
    const std::string why = session.sensitivity_obstacle();
    complain(!why.empty()
                 ? why
                 : "gradients of this sequence are too much work, or it is empty: choose another one, or "
                   "fewer units");
    return kFailed;
  }
  if (!arguments.has("--quiet")) std::fprintf(stderr, "Jacobians: %s\n", found->jacobian_note.c_str());
  if (arguments.has("--json"))
    print_json(session, *found);
  else
    print_table(session, *found);
  return kOk;
}

nlohmann::ordered_json turning_json(const session::Session& session, const session::Turning& turning) {
  nlohmann::ordered_json out = {{"largest_change", turning.largest_change}, {"shift", turning.shift}};
  if (turning.position > 0) out["position"] = turning.position;
  out["output"] = session.output_names()[static_cast<std::size_t>(turning.output)];
  if (session.project().model.circular == rnn::Circular::FixedPoint) out["unsettled"] = turning.unsettled;
  return out;
}

Exit run_equivariance(Arguments& arguments) {
  Workbench bench(arguments);
  if (const Exit status = open_sequence(bench, arguments); status != kOk) return status;
  session::Session& session = bench.session();
  session.measure_equivariance();
  if (!bench.finish()) return kFailed;
  const session::Equivariance found = session.equivariance();
  if (!found.available) {
    complain("the rotations could not be compared");
    return kFailed;
  }
  nlohmann::ordered_json out;
  out["sequence"] = std::string(session.data().name(session.project().cursor.sequence));
  out["length"] = session.length();
  out["rotations"] = found.rotations;
  out["all"] = found.all;
  if (const std::string report = session.circle_report(); !report.empty()) out["as_given"] = report;
  out["now"] = turning_json(session, found.now);
  out["untrained"] = turning_json(session, found.untrained);
  if (arguments.has("--json")) {
    std::printf("%s\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    return kOk;
  }
  for (const auto& [key, value] : out.items()) {
    if (!value.is_object()) {
      std::printf("%s\t%s\n", key.c_str(),
                  value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
      continue;
    }
    std::printf("%s", key.c_str());
    for (const auto& [name, figure] : value.items())
      std::printf("\t%s %s", name.c_str(),
                  figure.is_number_float() ? io::number(figure.get<double>()).c_str()
                  : figure.is_string()     ? figure.get<std::string>().c_str()
                                           : figure.dump().c_str());
    std::printf("\n");
  }
  return kOk;
}

}  // namespace

const Command kSensitivity = {
    "sensitivity",
    "LINK|FILE",
    "how much each step of a sequence matters: gradients, and Jacobians of the state",
    1,
    {{{"--sequence", "N|NAME", "which one, counted from 1 (where the project's cursor is)"},
      {"--loss", "WHICH", "gradients of: whole, last_output, at_cursor (whole)"},
      {"--position", "P", "the output that at_cursor means (where the project's cursor is)"},
      {"--untrained", nullptr, "of the same network before its first update"},
      {"--json", nullptr, "JSON instead of a table; LSTMs with the product of their forget gates"}}},
    &run_sensitivity,
    "Every figure is a log10; -inf stands for exactly 0. dL/dh(l0) is the norm of the gradient of the loss "
    "with "
    "respect\nto the state of layer 0 after each position, dL/dx the same for what is read there. "
    "step_sigma: "
    "the largest singular\nvalue of the Jacobian of the full state (h, and c of LSTMs, of all layers) over "
    "one "
    "step; product_sigma: of the\nproduct of all steps so far. NA: there is none, and standard error says "
    "why. A "
    "sequence without a label is scored\nagainst the network's own prediction.\n"};

const Command kEquivariance = {
    "equivariance",
    "LINK|FILE",
    "how much predictions change when a circle is cut open elsewhere",
    1,
    {{{"--sequence", "N|NAME", "which one, counted from 1 (where the project's cursor is)"},
      {"--json", nullptr, "JSON instead of lines"}}},
    &run_equivariance,
    "All rotations up to 512 positions, else 512 evenly spread; codons are rotated by whole codons. now and "
    "untrained:\nthe largest absolute change of the probability of any output, with these weights and with "
    "those "
    "before the first\nupdate; labels per position are compared after rotating back. A network that knows no "
    "origin changes nothing.\n"};

}  // namespace ribostep::cli
