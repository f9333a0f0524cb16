// The same network for input that is not a letter: each step reads a share of every kind of token. Between a
// sequence and a baseline lie such mixtures, and the gradient with respect to the shares is how much each
// letter would matter.
#pragma once
#include <span>
#include <vector>

#include "rnn/bptt.h"
#include "rnn/network.h"
#include "rnn/tokens.h"

namespace ribostep::rnn {

// Of Input::Values with a channel per kind of token (embedding and complement folded into W_x), or the given
// network where that reads values anyway. Its gradients are whole: nothing is truncated. A task per position
// is one of labels, K stays what it was.
struct SoftNetwork {
  Network net;
  std::vector<double> parameters;  // of `net`: those given, and W_x of each layer that reads shares
};
SoftNetwork soft_network(const Network& net, const TokenTable& table, std::span<const float> parameters);

// What an example reads, as the soft network reads it: [steps][channels]. An ambiguous token is equal shares
// of what it may be.
std::vector<double> soft_input(const ModelSpec& spec, const TokenTable& table, const Example& example);

}  // namespace ribostep::rnn
