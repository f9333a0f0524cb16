// What a layer does along the sequence: h_t, its gates and c_t, each as a heat map of units by positions.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/step_words.h"
#include "ui/equation.h"
#include "ui/heatmap.h"
#include "ui/track.h"

namespace ribostep::ui {
namespace {

enum class Quantity : std::uint8_t { State, Gate, Cell };

// One array of a layer's trace, by letter: all letters of a codon or a window show the step that reads them.
class TraceSource final : public LodSource {
 public:
  TraceSource(const rnn::Trace& trace, const rnn::LayerTrace& layer, Quantity quantity, int gate)
      : layer_(layer), length_(trace.length), rows_(layer.hidden) {
    const auto stride = static_cast<std::size_t>(layer.stride);
    step_ = stride;
    switch (quantity) {
      case Quantity::State:
        data_ = layer.states.data();
        break;
      case Quantity::Cell:
        data_ = layer.cells.data();
        break;
      case Quantity::Gate:
        data_ = layer.gates.data() + static_cast<std::size_t>(gate) * stride;
        step_ = stride * static_cast<std::size_t>(layer.gate_count);
        break;
    }
  }
  int rows() const override { return rows_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    const float* from = data_ + static_cast<std::size_t>(layer_.step_of(t)) * step_;
    std::copy(from, from + rows_, out);
  }

 private:
  const rnn::LayerTrace& layer_;
  int length_, rows_;
  const float* data_ = nullptr;
  std::size_t step_ = 0;
};

std::string short_number(float v) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", static_cast<double>(v));
  return v < 0 ? std::string("−") + (text.data() + 1) : std::string(text.data());
}

class StateTrack final : public Track {
 public:
  StateTrack(int texture, int layer, const rnn::Network& network, Quantity quantity, int gate)
      : picture_(texture),
        layer_(layer),
        of_(network.layers[static_cast<std::size_t>(layer)]),
        cell_(of_.cell),
        units_(of_.hidden),
        group_(group_of(network, layer)),
        quantity_(quantity),
        gate_(gate) {}

  std::string key() const override { return quantity_ == Quantity::Gate ? "gate " + symbol() : symbol(); }
  std::string group() const override { return group_; }
  std::string title() const override { return symbol() + "_t"; }
  std::string note(const session::Session&) const override {
    if (!shown_) return {};
    return short_number(range_.low) + " … " + short_number(range_.high);
  }
  float height() const override {
    const auto units = static_cast<float>(units_);
    if (quantity_ == Quantity::State) return std::clamp(units * 6, 36.0f, 128.0f);
    return std::clamp(units * 3, 30.0f, 72.0f);
  }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::LayerTrace* values = find(context.session);
    context.draw.AddRectFilled(
        area.min, ImVec2(std::min(area.max.x, context.axis.x_of(context.axis.length)), area.max.y),
        map(context)[bounded_below() ? 0 : 127]);
    if (values) {
      const TraceSource source(*context.session.trace(), *values, quantity_, gate_);
      const std::uint64_t serial = context.session.trace_serial();
      set_range(source, serial);
      shown_ = true;
      picture_.update(context, source, serial, range_, context.ui.tracks.reduce);
      picture_.draw_values(context, &source, area, map(context));
    } else {
      picture_.draw_values(context, nullptr, area, map(context));
    }
    mark_hover(context, area);
  }

  // What the first step is fed by: h_0, or round a circle the end of the pass before.
  void draw_start(const TrackContext& context, const Area& column) override {
    if (quantity_ == Quantity::Gate || of_.wiring.reverse) return;
    const ColourMap& colours = map(context);
    context.draw.AddRectFilled(column.min, column.max, colours[bounded_below() ? 0 : 127]);
    const float* from = start(context.session);
    if (!from || !shown_) return;
    const int rows = std::clamp(units_, 1, std::max(1, static_cast<int>(column.height())));
    const float row = column.height() / static_cast<float>(rows);
    for (int r = 0; r < rows; ++r) {
      const float v = from[r * units_ / rows], y = column.min.y + row * static_cast<float>(r);
      if (v != 0)
        context.draw.AddRectFilled(ImVec2(column.min.x, y), ImVec2(column.max.x, y + row),
                                   colours[range_.byte(v)]);
    }
  }

  Hover hover_at(const session::Session&, int position, float share) const override {
    Hover hover;
    hover.position = position;
    hover.layer = layer_;
    hover.unit = std::clamp(static_cast<int>(share * static_cast<float>(units_)), 0, units_ - 1);
    hover.gate = quantity_ == Quantity::State ? -1 : gate_;
    return hover;
  }

  std::string value_at(const session::Session& session, int position, float share) const override {
    const int unit = hover_at(session, position, share).unit;
    const std::string name = with_subscript(symbol(), unit);
    const rnn::LayerTrace* values = find(session);
    if (position == 0) {
      if (quantity_ == Quantity::Gate) return "no gate before the first letter";
      if (of_.wiring.reverse) return "this layer reads from right to left and starts after the last letter";
      const rnn::ModelSpec& spec = session.network().spec;
      if (spec.initial == rnn::InitialState::Zero && spec.circular == rnn::Circular::Linear)
        return name + " at position 0 = 0 (the state before the first letter)";
      const float* from = start(session);
      if (!from) return {};
      return name + " at position 0 = " + exact(from[unit]) + " (" +
             (spec.circular != rnn::Circular::Linear ? "carried round the circle" : session.initial_state()) +
             ")";
    }
    if (!values) return {};
    const int t = position - 1;
    if (t < 0 || t >= session.trace()->length) return {};
    const int step = values->step_of(t);
    const float v = quantity_ == Quantity::State  ? values->h(step, unit)
                    : quantity_ == Quantity::Cell ? values->c(step, unit)
                                                  : values->gate(step, gate_, unit);
    return name + (values->letters_per_step > 1 ? " of " : " at ") +
           session::step_name(session.network(), of_.level, session.length(), step) + " = " + exact(v);
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  std::string symbol() const {
    if (quantity_ == Quantity::State) return "h";
    if (quantity_ == Quantity::Cell) return "c";
    return rnn::gates(cell_)[static_cast<std::size_t>(gate_)].symbol;
  }
  static std::string exact(float v) {
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), "%.9g", static_cast<double>(v));
    return number.data();
  }
  // "Layer 2, forward, 6 units, a step is 10 letters"
  static std::string group_of(const rnn::Network& network, int layer) {
    const rnn::Layer& l = network.layers[static_cast<std::size_t>(layer)];
    std::string text = session::layer_name(network, layer, true) + ", " + std::to_string(l.hidden) +
                       (l.hidden == 1 ? " unit" : " units");
    const int letters = network.letters_per_step(l.level);
    if (letters == 1) return text;
    const bool series = network.spec.input == rnn::Input::Values;
    return text + ", a step is " + std::to_string(letters) + (series ? " positions" : " letters");
  }
  // Coupled gates with a sigmoid candidate keep c in [0, 1] as well.
  bool bounded_below() const {
    if (quantity_ == Quantity::Cell) return rnn::coupled(cell_) && rnn::sigmoid_candidate(cell_);
    return quantity_ == Quantity::Gate && rnn::gates(cell_)[static_cast<std::size_t>(gate_)].squashed_to_01;
  }
  bool unbounded() const {
    return (quantity_ == Quantity::Cell && !bounded_below()) ||
           (quantity_ == Quantity::State && cell_ == rnn::CellKind::ElmanRelu);
  }
  const ColourMap& map(const TrackContext& context) const {
    return bounded_below() ? context.share_map : context.signed_map;
  }
  const rnn::LayerTrace* find(const session::Session& session) const {
    const rnn::Trace* trace = session.trace();
    if (!trace || layer_ >= static_cast<int>(trace->layers.size())) return nullptr;
    const rnn::LayerTrace& values = trace->layers[static_cast<std::size_t>(layer_)];
    return values.hidden == units_ && values.steps > 0 ? &values : nullptr;
  }
  const float* start(const session::Session& session) const {
    const rnn::LayerTrace* values = find(session);
    if (!values) return nullptr;
    const rnn::Fed fed = rnn::fed_by(of_, *values, 0);
    return quantity_ == Quantity::Cell ? fed.c : fed.h;
  }
  void set_range(const TraceSource& source, std::uint64_t serial) {
    if (shown_ && serial == range_serial_) return;
    range_serial_ = serial;
    range_ = bounded_below() ? ValueRange{0, 1} : ValueRange{-1, 1};
    if (!unbounded()) return;
    // About 4,000 positions tell the scale; a rarer peak is drawn in the last colour.
    const ValueRange seen = extent(source, std::max(1, source.length() / 4096));
    range_ = symmetric_range(std::max(-seen.low, seen.high));
  }
  void mark_hover(const TrackContext& context, const Area& area) const {
    const Hover& hover = context.ui.hover_previous;
    if (hover.layer != layer_ || hover.unit < 0 || hover.unit >= units_) return;
    const float row = area.height() / static_cast<float>(units_);
    const float y = area.min.y + row * static_cast<float>(hover.unit);
    const float x1 = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRect(ImVec2(area.min.x, y - 0.5f), ImVec2(x1, y + std::max(row, 1.0f) + 0.5f),
                         context.theme.accent);
  }

  Heatmap picture_;
  int layer_;
  rnn::Layer of_;
  rnn::CellKind cell_;
  int units_;
  std::string group_;
  Quantity quantity_;
  int gate_;
  ValueRange range_;
  std::uint64_t range_serial_ = 0;
  bool shown_ = false;
};

}  // namespace

void add_layer_tracks(const session::Session& session, int layer, int& next_texture,
                      std::vector<std::shared_ptr<Track>>& out) {
  const rnn::CellKind cell = session.network().layers[static_cast<std::size_t>(layer)].cell;
  const auto add = [&](Quantity quantity, int gate) {
    out.push_back(std::make_shared<StateTrack>(next_texture++, layer, session.network(), quantity, gate));
  };
  const int gate_count = static_cast<int>(rnn::gates(cell).size());
  add(Quantity::State, -1);
  if (rnn::has_cell_state(cell)) add(Quantity::Cell, gate_count);
  // An Elman cell's one "gate" is h itself.
  if (gate_count > 1) {
    for (int gate = 0; gate < gate_count; ++gate) add(Quantity::Gate, gate);
  }
}

}  // namespace ribostep::ui
