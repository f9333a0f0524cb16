#include "rnn/cells.h"

#include "rnn/cell_elman.h"
#include "rnn/cell_gru.h"
#include "rnn/cell_lstm.h"

namespace ribostep::rnn {

const BlockMap& block_map(CellKind kind) {
  if (kind == CellKind::Gru) return GruCell<float>::kMap;
  return is_lstm(kind) ? LstmCell<float>::kMap : ElmanCell<float>::kMap;
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
      return LstmCell<T>::forward(step);
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
      return LstmCell<T>::backward(step);
  }
}

template void cell_forward<float>(CellKind, const CellForward<float>&);
template void cell_forward<double>(CellKind, const CellForward<double>&);
template void cell_backward<float>(CellKind, const CellBackward<float>&);
template void cell_backward<double>(CellKind, const CellBackward<double>&);

}  // namespace ribostep::rnn
