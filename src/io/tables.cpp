// Traces and data sets as text. Numbers go through snprintf: %.9g brings a float back to the same bits.
#include "io/tables.h"

#include <cstdio>
#include <vector>

#include "bio/reader.h"

namespace ribostep::io {
namespace {

constexpr std::size_t kLineWidth = 70;  // FASTA

void add_unit_columns(std::string& line, const std::string& layer, const char* symbol, int hidden) {
  for (int unit = 0; unit < hidden; ++unit)
    line += "\t" + layer + "." + symbol + "[" + std::to_string(unit) + "]";
}

// value(unit) for every unit; NA when there is no such step (a sequence too short for one codon).
template <class F>
void add_units(std::string& line, int step, int units, F value) {
  for (int unit = 0; unit < units; ++unit)
    line += "\t" + (step < 0 ? "NA" : number(static_cast<double>(value(unit))));
}

std::string header(const rnn::Network& net, const std::vector<std::string>& output_names, int outputs) {
  std::string line = "position\tletter";
  for (const rnn::Layer& layer : net.layers) {
    const std::string name = layer_name(layer);
    add_unit_columns(line, name, "h", layer.hidden);
    if (rnn::has_cell_state(layer.cell)) add_unit_columns(line, name, "c", layer.hidden);
    for (const rnn::Gate& gate : rnn::gates(layer.cell))
      if (rnn::gates(layer.cell).size() > 1) add_unit_columns(line, name, gate.symbol, layer.hidden);
  }
  for (int k = 0; k < outputs; ++k) {
    const auto index = static_cast<std::size_t>(k);
    const std::string name = index < output_names.size() ? output_names[index] : std::to_string(k);
    line += "\t" + tsv_cell((net.spec.task == rnn::Task::NextVector ? "predicted(" : "p(") + name + ")");
  }
  return line + "\n";
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (c == '\n' || c == '\r') c = ' ';
  return line;
}

// Position 0: the states before the first step that each layer reads.
std::string start_row(const rnn::Network& net, const rnn::Trace& trace) {
  std::string text = "0\t";
  for (std::size_t l = 0; l < trace.layers.size(); ++l) {
    const rnn::Layer& layer = net.layers[l];
    const rnn::Fed fed = fed_first(layer, trace.layers[l]);
    const auto gates = static_cast<int>(rnn::gates(layer.cell).size());
    add_units(text, fed.h == nullptr ? -1 : 0, layer.hidden, [&](int unit) { return fed.h[unit]; });
    if (rnn::has_cell_state(layer.cell))
      add_units(text, fed.c == nullptr ? -1 : 0, layer.hidden, [&](int unit) { return fed.c[unit]; });
    if (gates > 1) add_units(text, -1, gates * layer.hidden, [](int) { return 0.0; });
  }
  add_units(text, -1, trace.outputs, [](int) { return 0.0; });
  return text + "\n";
}

}  // namespace

std::string layer_name(const rnn::Layer& layer) {
  return "l" + std::to_string(layer.level) + (layer.wiring.reverse ? "_reverse" : "");
}

rnn::Fed fed_first(const rnn::Layer& layer, const rnn::LayerTrace& trace) {
  if (trace.steps == 0) return {};
  return rnn::fed_by(layer, trace, layer.wiring.reverse ? trace.steps - 1 : 0);
}

bool starts_from_something(const rnn::Network& net, const rnn::Trace& trace) {
  for (std::size_t l = 0; l < trace.layers.size(); ++l) {
    const rnn::Fed fed = fed_first(net.layers[l], trace.layers[l]);
    for (const float* state : {fed.h, fed.c})
      for (int unit = 0; state != nullptr && unit < net.layers[l].hidden; ++unit)
        if (state[unit] != 0) return true;
  }
  return false;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string tsv_cell(std::string_view text) {
  std::string cell;
  if (!text.empty() && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@')) cell += '\'';
  for (const char c : text) cell += c == '\t' || c == '\n' || c == '\r' ? ' ' : c;
  return cell;
}

std::string trace_tsv(const rnn::Network& net, const rnn::Trace& trace, std::string_view letters,
                      const std::vector<std::string>& output_names) {
  std::string text = header(net, output_names, trace.outputs);
  if (starts_from_something(net, trace)) text += start_row(net, trace);
  for (int t = 0; t < trace.length; ++t) {
    const auto index = static_cast<std::size_t>(t);
    text += std::to_string(t + 1) + "\t";
    if (index < letters.size()) text += tsv_cell(letters.substr(index, 1));
    for (std::size_t l = 0; l < trace.layers.size(); ++l) {
      const rnn::LayerTrace& layer = trace.layers[l];
      const int step = layer.step_of(t);
      add_units(text, step, layer.hidden, [&](int unit) { return layer.h(step, unit); });
      if (rnn::has_cell_state(net.layers[l].cell))
        add_units(text, step, layer.hidden, [&](int unit) { return layer.c(step, unit); });
      for (int gate = 0; layer.gate_count > 1 && gate < layer.gate_count; ++gate)  // Elman's one gate is h
        add_units(text, step, layer.hidden, [&](int unit) { return layer.gate(step, gate, unit); });
    }
    const int row = trace.row_of(t);
    add_units(text, row, trace.outputs, [&](int k) { return trace.p(row, k); });
    text += '\n';
  }
  return text;
}

std::string to_fasta(const bio::Dataset& data, const bio::Labels& labels) {
  std::string text = bio::alphabet_line(data.alphabet_kind);
  for (int i = 0; i < data.size(); ++i) {
    text += ">" + one_line(data.name(i));
    if (!data.description(i).empty()) text += " " + one_line(data.description(i));
    const auto index = static_cast<std::size_t>(i);
    const int label = index < labels.of_record.size() ? labels.of_record[index] : -1;
    // A label that the header already carries is read from it again; only a column's has to be written out.
    if (label >= 0 && labels.rule == bio::LabelRule::Column) {
      const std::string& name = labels.classes[static_cast<std::size_t>(label)];
      const bool spaced = name.find_first_of(" \t|;,[]") != std::string::npos;
      text += " label=" + (spaced ? "\"" + one_line(name) + "\"" : one_line(name));
    }
    text += '\n';
    const std::string letters = data.letters(i);
    for (std::size_t begin = 0; begin < letters.size(); begin += kLineWidth)
      text += letters.substr(begin, kLineWidth) + "\n";
  }
  return text;
}

}  // namespace ribostep::io
