// The one place where a kind of cell becomes code.
#pragma once
#include "rnn/cell.h"

namespace ribostep::rnn {

// Of cells with `gates(kind)`; the same for float and double.
const BlockMap& block_map(CellKind kind);
template <class T>
void cell_forward(CellKind kind, const CellForward<T>& step);
template <class T>
void cell_backward(CellKind kind, const CellBackward<T>& step);

}  // namespace ribostep::rnn
