// A network's tensors as the weights panel tells of them: what each is called, what its rows and columns
// stand for, and which of its weights carry what was asked about. No ImGui: everything here is tested as
// text.
#pragma once
#include <string>
#include <vector>

#include "session/session.h"
#include "ui/origin_state.h"

namespace ribostep::ui {

enum class TensorKind : unsigned char {
  InputWeights,
  RecurrentWeights,
  Bias,
  Peepholes,
  Norm,
  Initial,
  Readout,
  Other
};

struct TensorView {
  int tensor = -1;
  TensorKind kind = TensorKind::Other;
  int layer = -1;      // -1: of no layer
  int per_block = 0;   // rows of one gate; 0: rows are not by gate
  std::string label;   // "Layer 1: W_x"
  std::string symbol;  // "W_x"
};
// In the order of the computation.
std::vector<TensorView> tensor_views(const rnn::Network& network);
// Where the weights of a layer begin: its W_h.
int tensor_of(const std::vector<TensorView>& views, int layer);

// "i 3", "A", "unit 7"; short enough for the edge of a matrix.
std::string row_name(const session::Session& session, const TensorView& view, int row);
std::string column_name(const session::Session& session, const TensorView& view, int column);
// "W_h: gate i of unit 3, from h of unit 7"
std::string weight_words(const session::Session& session, const TensorView& view, int row, int column);
// Gate (index of rnn::gates) and unit of a row; -1: none.
struct RowOf {
  int gate = -1, unit = -1;
};
RowOf row_of(const rnn::Network& network, const TensorView& view, int row);

struct LitWeight {
  int row, col;
  double strength;
};
// The weights of this tensor that carried the inputs of the number that was asked about.
std::vector<LitWeight> lit_weights(const rnn::Network& network, const TensorView& view,
                                   const std::vector<OriginLit>& lit);

}  // namespace ribostep::ui
