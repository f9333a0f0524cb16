// A network read a letter at a time: the engine's own layer over batches of one step, so that every number is
// the one a Trace has.
#include <algorithm>
#include <cassert>

#include "motif/proof.h"
#include "rnn/initial_states.h"
#include "rnn/layer.h"
#include "rnn/readout.h"

namespace ribostep::motif {
namespace {

rnn::TokenTable symbols_only(int symbols) {
  rnn::TokenTable table{symbols, {}, {}};
  for (int a = 0; a < symbols; ++a) table.masks.push_back(1u << a);
  return table;
}

}  // namespace

struct Reader::State {
  State(const rnn::Network& network, std::span<const float> parameters)
      : net(network), layer(net, symbols_only(net.spec.symbols), 0), readout(net) {
    const rnn::TokenTable table = symbols_only(net.spec.symbols);
    const rnn::Tokens kinds(net.spec, table);
    letters.resize(table.masks.size());
    for (std::uint8_t a = 0; a < letters.size(); ++a) {
      rnn::Example example;
      example.tokens = {&a, 1};
      letters[a].build(net.spec, kinds, {&example, 1});
    }
    layer.pack(parameters, false);
    readout.pack(parameters, false);
    const auto units = static_cast<std::size_t>(layer.units());
    h_0.assign(units, 0.0f);
    if (rnn::has_cell_state(net.spec.cell)) c_0.assign(units, 0.0f);
    rnn::InitialStates<float> initial(net);
    if (!initial.zero()) {
      const rnn::Example nobody;
      const int first = 0;
      initial.pack(parameters);
      initial.forward({&nobody, 1}, {&first, 1});
      h_0.assign(initial.h(0), initial.h(0) + units);
      if (!c_0.empty()) c_0.assign(initial.c(0), initial.c(0) + units);
    }
    logits.assign(static_cast<std::size_t>(readout.width()), 0.0f);
  }
  int hidden() const { return net.spec.hidden; }

  rnn::Network net;
  rnn::LayerRun<float> layer;
  rnn::Readout<float> readout;
  std::vector<rnn::BatchLayout> letters;  // one step that reads this letter
  rnn::Buffer<float> h_0, c_0, h, c;      // in whole vectors; c: empty without a memory
  rnn::Buffer<float> logits;
};

std::string obstacle_of_reading(const rnn::ModelSpec& s) {
  const bool plain = s.layers == 1 && s.directions == rnn::Directions::Forward &&
                     s.input == rnn::Input::Letters && s.circular == rnn::Circular::Linear && s.window == 0 &&
                     s.dilation(0) == 1 && s.task == rnn::Task::PositionLabel &&
                     (s.initial == rnn::InitialState::Zero || s.initial == rnn::InitialState::Learned);
  if (plain) return "";
  return "only one forward layer that reads single letters and labels each position can be followed like "
         "this; "
         "choose these under Model";
}

Reader::Reader(const rnn::Network& net, std::span<const float> parameters) {
  assert(obstacle_of_reading(net.spec).empty());
  state_ = std::make_shared<State>(net, parameters);
  start();
}

void Reader::start() {
  state_->h = state_->h_0;
  state_->c = state_->c_0;
}

void Reader::read(int letter) {
  State& s = *state_;
  const rnn::BatchLayout& step = s.letters[static_cast<std::size_t>(letter)];
  s.layer.begin(step, s.h.data(), s.c.empty() ? nullptr : s.c.data());
  s.layer.forward(step, {}, 0, 1);
  std::copy_n(s.layer.states(step, 0), s.h.size(), s.h.data());
  if (!s.c.empty()) std::copy_n(s.layer.cells(step, 0), s.c.size(), s.c.data());
}

std::span<const float> Reader::logits() const {
  State& s = *state_;
  s.readout.forward(s.h.data(), s.readout.features(), 1, s.logits.data());
  return {s.logits.data(), static_cast<std::size_t>(s.readout.classes())};
}

bool Reader::accepts() const {
  const std::span<const float> z = logits();
  return rnn::argmax(z.data(), static_cast<int>(z.size())) == static_cast<int>(z.size()) - 1;
}

std::span<const float> Reader::h() const {
  return {state_->h.data(), static_cast<std::size_t>(state_->hidden())};
}

const rnn::ModelSpec& Reader::spec() const { return state_->net.spec; }

std::vector<float> Reader::state() const {
  std::vector<float> out(h().begin(), h().end());
  if (!state_->c.empty()) out.insert(out.end(), state_->c.begin(), state_->c.begin() + state_->hidden());
  return out;
}

void Reader::set_state(std::span<const float> state) {
  State& s = *state_;
  std::copy_n(state.begin(), s.hidden(), s.h.begin());
  if (!s.c.empty()) std::copy_n(state.begin() + s.hidden(), s.hidden(), s.c.begin());
}

}  // namespace ribostep::motif
