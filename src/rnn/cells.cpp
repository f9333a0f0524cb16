#include "rnn/cells.h"

#include "rnn/cell_elman.h"
#include "rnn/cell_gru.h"
#include "rnn/cell_lstm.h"

namespace ribostep::rnn {
namespace {

// Calls f with a value whose type is the cell.
template <class T, class F>
void with_lstm(CellKind kind, F f) {
  switch (kind) {
    case CellKind::Lstm:
      return f(LstmCell<T, false, false>{});
    case CellKind::LstmCoupled:
      return f(LstmCell<T, true, false>{});
    case CellKind::LstmBounded:
      return f(LstmCell<T, false, true>{});
    default:
      return f(LstmCell<T, true, true>{});
  }
}

}  // namespace

const BlockMap& block_map(CellKind kind) {
  if (kind == CellKind::Gru) return GruCell<float>::kMap;
  if (!is_lstm(kind)) return ElmanCell<float>::kMap;
  return coupled(kind) ? LstmCell<float, true>::kMap : LstmCell<float>::kMap;
}

template <class T>
void cell_forward(CellKind kind, const CellForward<T>& step) {
  switch (kind) {
    case CellKind::ElmanTanh:
      return ElmanCell<T>::template forward<false>(step);
    case CellKind::ElmanRelu:
      return ElmanCell<T>::template forward<true>(step);
    case CellKind::Gru:
      return GruCell<T>::forward(step);
    default:
      return with_lstm<T>(kind, [&](auto cell) {
        return step.peepholes ? decltype(cell)::template forward<true>(step)
                              : decltype(cell)::template forward<false>(step);
      });
  }
}

template <class T>
void cell_backward(CellKind kind, const CellBackward<T>& step) {
  switch (kind) {
    case CellKind::ElmanTanh:
      return ElmanCell<T>::template backward<false>(step);
    case CellKind::ElmanRelu:
      return ElmanCell<T>::template backward<true>(step);
    case CellKind::Gru:
      return GruCell<T>::backward(step);
    default:
      return with_lstm<T>(kind, [&](auto cell) {
        return step.peepholes ? decltype(cell)::template backward<true>(step)
                              : decltype(cell)::template backward<false>(step);
      });
  }
}

template void cell_forward<float>(CellKind, const CellForward<float>&);
template void cell_forward<double>(CellKind, const CellForward<double>&);
template void cell_backward<float>(CellKind, const CellBackward<float>&);
template void cell_backward<double>(CellKind, const CellBackward<double>&);

}  // namespace ribostep::rnn
