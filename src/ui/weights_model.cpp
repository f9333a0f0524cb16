#include "ui/weights_model.h"

#include <algorithm>

#include "session/step_words.h"
#include "ui/ui_state.h"

namespace ribostep::ui {
namespace {

const rnn::Layer& layer_of(const rnn::Network& network, const TensorView& view) {
  return network.layers[static_cast<std::size_t>(view.layer)];
}

const rnn::Tensor& tensor_at(const rnn::Network& network, int tensor) {
  return network.tensors[static_cast<std::size_t>(tensor)];
}

// A token of the first layer: a letter, a k-mer or a codon.
std::string token_name(const session::Session& session, int token) {
  const bio::Alphabet& alphabet = session.data().alphabet();
  const rnn::ModelSpec& spec = session.network().spec;
  const int k = spec.input == rnn::Input::Kmers ? spec.kmer : spec.input == rnn::Input::Codons ? 3 : 1;
  std::string name(static_cast<std::size_t>(k), '?');
  for (int i = k - 1; i >= 0 && alphabet.size() > 0; --i, token /= alphabet.size())
    name[static_cast<std::size_t>(i)] = alphabet.symbols[static_cast<std::size_t>(token % alphabet.size())];
  return name;
}

// Column of W_x: of the input, or of the states of the level below side by side.
std::string input_name(const session::Session& session, const rnn::Layer& layer, int column) {
  const rnn::Network& network = session.network();
  if (layer.level > 0) {
    int begin = network.level_begin(layer.level - 1);
    const int directions = network.spec.direction_count();
    for (int d = 0; d < directions; ++d, ++begin) {
      const int hidden = network.layers[static_cast<std::size_t>(begin)].hidden;
      if (column < hidden) return (d == 1 ? "←" : "") + std::to_string(column);
      column -= hidden;
    }
    return std::to_string(column);
  }
  if (network.spec.input == rnn::Input::Values) {
    const auto names = session.data().channel_names();
    return column < static_cast<int>(names.size()) ? std::string(names[static_cast<std::size_t>(column)])
                                                   : std::to_string(column);
  }
  if (network.embedding >= 0) return "e" + std::to_string(column);
  return token_name(session, column);
}

// Column of the readout: a unit of one direction of the last level.
std::string feature_name(const rnn::Network& network, int column) {
  const int level = network.spec.layers - 1;
  for (int d = 0, l = network.level_begin(level); d < network.spec.direction_count(); ++d, ++l) {
    const int hidden = network.layers[static_cast<std::size_t>(l)].hidden;
    if (column < hidden) return (d == 1 ? "←" : "") + std::to_string(column);
    column -= hidden;
  }
  return std::to_string(column);
}

// Gates that have peepholes, in the order of their rows.
std::vector<int> peephole_gates(rnn::CellKind cell) {
  std::vector<int> found;
  const auto all = rnn::gates(cell);
  for (std::size_t g = 0; g < all.size(); ++g)
    if (all[g].squashed_to_01) found.push_back(static_cast<int>(g));
  return found;
}

}  // namespace

std::vector<TensorView> tensor_views(const rnn::Network& network) {
  std::vector<TensorView> views;
  const auto add = [&](int tensor, TensorKind kind, int layer, int per_block, const std::string& where,
                       const char* symbol) {
    if (tensor < 0 || tensor >= static_cast<int>(network.tensors.size())) return;
    views.push_back({tensor, kind, layer, per_block, (where.empty() ? "" : where + ": ") + symbol, symbol});
  };
  add(network.embedding, TensorKind::Other, -1, 0, "Embedding", "E");
  add(network.encoder_weight, TensorKind::Other, -1, 0, "Encoder", "W");
  add(network.encoder_bias, TensorKind::Other, -1, 0, "Encoder", "b");
  for (int l = 0; l < static_cast<int>(network.layers.size()); ++l) {
    const rnn::Layer& layer = network.layers[static_cast<std::size_t>(l)];
    const std::string where = session::layer_name(network, l);
    const int h = layer.hidden;
    add(layer.w_x, TensorKind::InputWeights, l, h, where, "W_x");
    add(layer.w_h, TensorKind::RecurrentWeights, l, h, where, "W_h");
    add(layer.b_x, TensorKind::Bias, l, h, where, "b_x");
    add(layer.b_h, TensorKind::Bias, l, h, where, "b_h");
    add(layer.peepholes, TensorKind::Peepholes, l, h, where, "p");
    add(layer.norm_gain, TensorKind::Norm, l, h, where, "gain");
    add(layer.norm_bias, TensorKind::Norm, l, h, where, "norm b");
    add(layer.h_0, TensorKind::Initial, l, 0, where, "h_0");
    add(layer.h_0_bias, TensorKind::Initial, l, 0, where, "h_0 b");
    add(layer.c_0, TensorKind::Initial, l, 0, where, "c_0");
    add(layer.c_0_bias, TensorKind::Initial, l, 0, where, "c_0 b");
  }
  add(network.readout_weight, TensorKind::Readout, -1, 0, "Readout", "W");
  add(network.readout_bias, TensorKind::Readout, -1, 0, "Readout", "b");
  // Tied strands share tensors: each is told once.
  std::vector<TensorView> once;
  for (TensorView& view : views)
    if (std::none_of(once.begin(), once.end(), [&](const auto& o) { return o.tensor == view.tensor; }))
      once.push_back(std::move(view));
  return once;
}

int tensor_of(const std::vector<TensorView>& views, int layer) {
  int found = views.empty() ? -1 : views.front().tensor;
  for (const TensorView& view : views)
    if (view.layer == layer && view.kind == TensorKind::RecurrentWeights) return view.tensor;
  return found;
}

RowOf row_of(const rnn::Network& network, const TensorView& view, int row) {
  if (view.layer < 0 || view.per_block <= 0) return {};
  const int block = row / view.per_block, unit = row % view.per_block;
  const rnn::CellKind cell = layer_of(network, view).cell;
  const int gates = static_cast<int>(rnn::gates(cell).size());
  if (view.kind == TensorKind::Peepholes) {
    const std::vector<int> with = peephole_gates(cell);
    return {block < static_cast<int>(with.size()) ? with[static_cast<std::size_t>(block)] : -1, unit};
  }
  return {block < gates ? block : -1, unit};
}

std::string row_name(const session::Session& session, const TensorView& view, int row) {
  const rnn::Network& network = session.network();
  if (view.kind == TensorKind::Readout) {
    const auto& names = session.output_names();
    return row < static_cast<int>(names.size()) ? names[static_cast<std::size_t>(row)] : std::to_string(row);
  }
  if (view.tensor == network.embedding) return token_name(session, row);
  const RowOf of = row_of(network, view, row);
  if (of.unit < 0) return std::to_string(row);
  const char* gate =
      of.gate < 0 ? "" : rnn::gates(layer_of(network, view).cell)[static_cast<std::size_t>(of.gate)].symbol;
  return gate + (of.gate < 0 ? std::string() : std::string(" ")) + std::to_string(of.unit);
}

std::string column_name(const session::Session& session, const TensorView& view, int column) {
  const rnn::Network& network = session.network();
  switch (view.kind) {
    case TensorKind::InputWeights:
      return input_name(session, layer_of(network, view), column);
    case TensorKind::RecurrentWeights:
      return std::to_string(column);
    case TensorKind::Readout:
      return tensor_at(network, view.tensor).cols > 1 ? feature_name(network, column) : view.symbol;
    default:
      return tensor_at(network, view.tensor).cols > 1 ? std::to_string(column) : view.symbol;
  }
}

std::string weight_words(const session::Session& session, const TensorView& view, int row, int column) {
  const rnn::Network& network = session.network();
  const RowOf of = row_of(network, view, row);
  std::string text = view.label;
  if (of.unit >= 0) {
    if (of.gate >= 0)
      text += std::string(", gate ") +
              rnn::gates(layer_of(network, view).cell)[static_cast<std::size_t>(of.gate)].symbol;
    text += ", unit " + std::to_string(of.unit);
  } else {
    text += ", row " + row_name(session, view, row);
  }
  if (tensor_at(network, view.tensor).cols < 2) return text;
  const std::string from = column_name(session, view, column);
  if (view.kind == TensorKind::RecurrentWeights) return text + ", from h of unit " + from;
  if (view.kind == TensorKind::InputWeights)
    return text + (layer_of(network, view).level > 0 ? ", from unit " + from + " below" : ", from " + from);
  if (view.kind == TensorKind::Readout) return text + ", from h of unit " + from;
  return text + ", column " + from;
}

std::vector<LitWeight> lit_weights(const rnn::Network& network, const TensorView& view,
                                   const std::vector<OriginLit>& lit) {
  std::vector<LitWeight> found;
  const auto asked = std::find_if(lit.begin(), lit.end(), [](const OriginLit& l) { return l.asked; });
  if (asked == lit.end()) return found;
  const auto add = [&found, &tensor = tensor_at(network, view.tensor)](int row, int col, double strength) {
    if (row >= 0 && row < tensor.rows && col >= 0 && col < tensor.cols) found.push_back({row, col, strength});
  };
  if (view.kind == TensorKind::Readout) {
    const rnn::Tensor& tensor = tensor_at(network, view.tensor);
    const bool biases = view.tensor == network.readout_bias;
    for (const OriginLit& input : lit) {
      if (input.asked || input.output < 0) continue;
      const bool all = !input.bias && input.from_unit < 0;  // a score: everything that makes it
      if (biases) {
        // One number for each output, below or beside one another.
        if (all || input.bias)
          add(tensor.rows > 1 ? input.output : 0, tensor.rows > 1 ? 0 : input.output, input.strength);
      } else if (all) {
        for (int col = 0; col < tensor.cols; ++col) add(input.output, col, input.strength);
      } else if (!input.bias) {
        add(input.output, input.from_unit, input.strength);
      }
    }
    return found;
  }
  if (view.layer < 0 || asked->layer != view.layer) return found;
  // The state of an Elman cell is its one gate; other states are made of gates, not of weights.
  const int gates = static_cast<int>(rnn::gates(layer_of(network, view).cell).size());
  const int gate = gates == 1 ? 0 : asked->gate;
  if (gate < 0 || gate >= gates) return found;
  const bool recurrent = view.kind == TensorKind::RecurrentWeights;
  if (!recurrent && view.kind != TensorKind::InputWeights) return found;
  const int row = gate * view.per_block + asked->unit;
  for (const OriginLit& input : lit) {
    if (input.asked || input.from_unit < 0 || (input.layer == view.layer) != recurrent) continue;
    add(row, input.from_unit, input.strength);
  }
  return found;
}

}  // namespace ribostep::ui
