// How much each step matters: gradients of a loss along the sequence, the largest singular values of the
// state's Jacobians, and the direct path through the memory of an LSTM. All on a log10 axis: what vanishes
// does so over hundreds of decades.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/hash.h"
#include "rnn/sensitivity.h"
#include "session/step_words.h"
#include "ui/equation.h"
#include "ui/heatmap.h"
#include "ui/readout.h"
#include "ui/track_values.h"
#include "ui/tracks/lines.h"

namespace ribostep::ui {
namespace {

// Names the numbers: answers have no serial of their own, and an address may come back.
std::uint64_t fingerprint(const rnn::Sensitivity& found) {
  Hash hash;
  const auto add = [&](const auto& values) {
    const std::size_t n = values.size();
    hash.bytes(&n, sizeof n);
    for (std::size_t i = 0; i < n; i += std::max<std::size_t>(1, n / 8))
      hash.bytes(&values[i], sizeof values[i]);
  };
  for (const auto& layer : found.state_gradient) add(layer);
  add(found.input_gradient);
  add(found.product_sigma);
  for (const auto& layer : found.direct_path) add(layer);
  return hash.value();
}

// What all of the group share: the loss, and what is said while there is nothing to draw.
class GradientTrack : public Track {
 public:
  std::string group() const override { return kGradients; }
  std::string note(const session::Session& session) const override {
    return session.sensitivity() && session.sensitivity_stale() ? "some updates ago" : std::string();
  }
  std::string group_choice(const session::Session& session) const override {
    return std::string("of: ") + rnn::label(session.sensitivity_loss());
  }
  void group_menu(session::Session& session) override {
    ImGui::TextDisabled("Gradients of the loss of");
    for (int i = 0; i < rnn::kCount<rnn::SensitivityLoss>; ++i) {
      const auto loss = static_cast<rnn::SensitivityLoss>(i);
      if (ImGui::MenuItem(rnn::label(loss), nullptr, loss == session.sensitivity_loss()))
        session.set_sensitivity_loss(loss);
    }
  }

 protected:
  // Paper and, without results, words. Null: nothing more to draw.
  static const rnn::Sensitivity* begin(const TrackContext& context, const Area& area) {
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    const rnn::Sensitivity* found = context.session.sensitivity();
    if (found) return found;
    const int share = static_cast<int>(100 * std::clamp(context.session.sensitivity_progress(), 0.0, 1.0));
    const std::string why = context.session.sensitivity_obstacle();
    words(context, area, why.empty() ? "computing … " + std::to_string(share) + " %" : why);
    return nullptr;
  }
  static void words(const TrackContext& context, const Area& area, const std::string& text) {
    ImFont* font = context.fonts.small;
    context.draw.AddText(font, font->FontSize, ImVec2(area.min.x + 8, area.min.y + 4), context.theme.text_dim,
                         text.c_str(), nullptr, std::max(40.0f, area.width() - 16));
  }
};

struct NamedLine {
  std::string name;   // plain text: "|dL/dh| of layer 1"
  std::string brief;  // for the legend
  StepLine line;
  int level = 0;  // whose steps it counts
  ImU32 colour = 0;
};

// Lines over a log10 axis with labelled decades.
class LogLines : public GradientTrack {
 public:
  float height() const override { return 76; }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::Sensitivity* found = begin(context, area);
    if (!found) return;
    const std::vector<NamedLine> all = lines(context.session, *found, context.theme);
    if (all.empty()) return words(context, area, nothing(*found));
    measure(all, fingerprint(*found));
    const double low = range_.low, high = range_.high;
    draw_decades(context, area, low, high);
    for (const NamedLine& line : all) draw_step_line(context, area, line.line, low, high, line.colour, 1.5f);
  }

  void draw_legend(const TrackContext& context, const Area& area) override {
    const rnn::Sensitivity* found = context.session.sensitivity();
    if (!found) return;
    const std::vector<NamedLine> all = lines(context.session, *found, context.theme);
    if (all.size() < 2) return;
    const float line = context.fonts.small->FontSize + 1;
    float y = area.min.y;
    for (const NamedLine& entry : all) {
      if (y + line > area.max.y + 3) return;
      context.draw.AddLine(ImVec2(area.min.x, y + line / 2), ImVec2(area.min.x + 8, y + line / 2),
                           entry.colour, 1.8f);
      context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 12, y),
                           context.theme.text_dim, entry.brief.c_str());
      y += line;
    }
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const rnn::Sensitivity* found = session.sensitivity();
    if (!found) return {};
    const std::vector<NamedLine> all = lines(session, *found, theme(false));
    if (all.empty()) return nothing(*found);
    if (position < 1) return "no gradient before the first step";
    std::string text;
    int level = -1;
    for (const NamedLine& entry : all) {
      if (entry.line.count <= 0) continue;
      const int step = std::min(static_cast<int>((position - 1) / entry.line.per_step), entry.line.count - 1);
      if (entry.level != level) {
        text += (text.empty() ? "" : "\n") +
                session::step_name(session.network(), entry.level, session.length(), step);
      }
      level = entry.level;
      text += "\n" + entry.name + " = " + from_log10(entry.line.value(step));
    }
    const std::string note = footnote(*found);
    return note.empty() ? text : text + "\n" + note;
  }

  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::Sensitivity* found = session.sensitivity();
    if (!found) return false;
    const std::vector<NamedLine> all = lines(session, *found, theme(out.dark));
    if (all.empty()) return false;
    out.low = out.high = 0;
    for (const NamedLine& line : all) {
      out.names.push_back("log10 " + line.name);
      out.colours.push_back(line.colour);
    }
    out.read = [all](int letter, double* to) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const StepLine& line = all[i].line;
        const int step = std::min(static_cast<int>((letter - line.first) / line.per_step), line.count - 1);
        to[i] = step >= 0 ? line.value(step) : std::nan("");
      }
    };
    return true;
  }

 protected:
  virtual std::vector<NamedLine> lines(const session::Session& session, const rnn::Sensitivity& found,
                                       const Theme& theme) const = 0;
  virtual std::string nothing(const rnn::Sensitivity&) const { return "none"; }
  virtual std::string footnote(const rnn::Sensitivity&) const { return {}; }

 private:
  void measure(const std::vector<NamedLine>& all, std::uint64_t serial) {
    if (serial == measured_ && !range_.empty()) return;
    measured_ = serial;
    range_ = {};
    for (const NamedLine& line : all) {
      const Span span = span_of(line.line);
      range_.add(span.low <= span.high ? span.low : std::nan(""));
      range_.add(span.low <= span.high ? span.high : std::nan(""));
    }
    if (range_.empty()) range_.low = -1, range_.high = 0;
    range_.low = std::floor(range_.low);
    range_.high = std::max(std::ceil(range_.high), range_.low + 1);
  }

  static void draw_decades(const TrackContext& context, const Area& area, double low, double high) {
    ImFont* font = context.fonts.small;
    const double room = std::max(1.0, static_cast<double>(area.height() / (font->FontSize + 3)));
    double stride = 1;
    for (const double nice : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0}) {
      stride = nice;
      if ((high - low) / nice <= room) break;
    }
    // From the top down; a number that would lie on the one before is left out.
    float last = area.min.y - 2 * font->FontSize;
    for (double d = std::floor(high / stride) * stride; d >= low; d -= stride) {
      const auto share = static_cast<float>((d - low) / (high - low));
      const float y = std::round(area.max.y - 1.5f - share * (area.height() - 3)) + 0.5f;
      context.draw.AddLine(ImVec2(area.min.x, y), ImVec2(area.max.x, y), context.theme.grid);
      const float top = std::clamp(y - font->FontSize / 2, area.min.y, area.max.y - font->FontSize);
      if (top < last + font->FontSize) continue;
      last = top;
      std::array<char, 16> text{};
      std::snprintf(text.data(), text.size(), d == 0 ? "1" : "1e%.0f", d);
      const float wide = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data()).x;
      context.draw.AddRectFilled(ImVec2(area.min.x, top), ImVec2(area.min.x + wide + 6, top + font->FontSize),
                                 context.theme.panel_alt);
      context.draw.AddText(font, font->FontSize, ImVec2(area.min.x + 3, top), context.theme.text_dim,
                           text.data());
    }
  }

  Span range_;
  std::uint64_t measured_ = 0;
};

StepLine line_of(const std::vector<double>& values, double letters_per_step) {
  return {static_cast<int>(values.size()), 0, letters_per_step,
          [&values](int i) { return values[static_cast<std::size_t>(i)]; }};
}

// "layer 1", "1 backward", "1 opposite": as long as a legend has room for.
std::string brief_name(const rnn::Network& network, const rnn::Layer& layer) {
  const std::string level = std::to_string(layer.level + 1);
  if (network.spec.direction_count() == 1) return "layer " + level;
  const bool strands = network.spec.directions != rnn::Directions::Both;
  if (layer.wiring.reverse) return level + (strands ? " opposite" : " backward");
  return level + (strands ? " given" : " forward");
}

class StateGradients final : public LogLines {
 public:
  std::string key() const override { return "grad h"; }
  std::string title() const override { return "|∂L/∂h_t|"; }

 protected:
  std::vector<NamedLine> lines(const session::Session& session, const rnn::Sensitivity& found,
                               const Theme& theme) const override {
    std::vector<NamedLine> all;
    const rnn::Network& network = session.network();
    const std::size_t count = std::min(found.state_gradient.size(), network.layers.size());
    for (std::size_t l = 0; l < count; ++l) {
      const int level = network.layers[l].level;
      const std::string of = count > 1 ? " of " + session::layer_name(network, static_cast<int>(l)) : "";
      all.push_back({"|dL/dh|" + of, brief_name(network, network.layers[l]),
                     line_of(found.state_gradient[l], network.letters_per_step(level)), level,
                     class_colour(static_cast<int>(l), theme.dark)});
    }
    return all;
  }
};

class InputGradient final : public LogLines {
 public:
  std::string key() const override { return "grad x"; }
  std::string title() const override { return "|∂L/∂x_t|"; }
  float height() const override { return 60; }

 protected:
  std::vector<NamedLine> lines(const session::Session&, const rnn::Sensitivity& found,
                               const Theme& theme) const override {
    return {{"|dL/dx|", "", line_of(found.input_gradient, found.letters_per_step), 0, theme.accent}};
  }
};

class JacobianTrack final : public LogLines {
 public:
  std::string key() const override { return "jacobian"; }
  std::string title() const override { return "\\sigma_{max}(J)"; }

 protected:
  std::vector<NamedLine> lines(const session::Session&, const rnn::Sensitivity& found,
                               const Theme& theme) const override {
    if (found.step_sigma.empty()) return {};
    const double per_step = found.letters_per_step;
    return {{"largest singular value of this step", "one step", line_of(found.step_sigma, per_step), 0,
             theme.text_dim},
            {"of all steps up to here", "product", line_of(found.product_sigma, per_step), 0, theme.accent}};
  }
  std::string nothing(const rnn::Sensitivity& found) const override { return found.jacobian_note; }
  std::string footnote(const rnn::Sensitivity& found) const override { return found.jacobian_note; }
};

// log10 of prod f up to each step, by letter; a unit a row.
class PathSource final : public LodSource {
 public:
  PathSource(const std::vector<float>& path, int units, int letters_per_step, int length)
      : path_(path), units_(units), per_step_(letters_per_step), length_(length) {}
  int rows() const override { return units_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    const int steps = static_cast<int>(path_.size()) / units_, step = std::min(t / per_step_, steps - 1);
    const float* from = path_.data() + static_cast<std::ptrdiff_t>(step) * units_;
    // A product that is 0 is as far down as the scale goes.
    for (int j = 0; j < units_; ++j) out[j] = std::isfinite(from[j]) ? from[j] : -1e30f;
  }

 private:
  const std::vector<float>& path_;
  int units_, per_step_, length_;
};

class DirectPath final : public GradientTrack {
 public:
  DirectPath(int texture, int layer, const rnn::Network& network)
      : picture_(texture),
        layer_(layer),
        level_(network.layers[static_cast<std::size_t>(layer)].level),
        units_(network.layers[static_cast<std::size_t>(layer)].hidden),
        forget_gate_(rnn::gate_index(network.layers[static_cast<std::size_t>(layer)].cell, 'f')),
        name_(network.layers.size() > 1 ? session::layer_name(network, layer) : std::string()) {}
  std::string key() const override { return "direct path"; }
  std::string title() const override { return "∏ f_t"; }
  std::string note(const session::Session&) const override { return name_; }
  float height() const override { return std::clamp(static_cast<float>(units_) * 4, 34.0f, 84.0f); }

  void draw(const TrackContext& context, const Area& area) override {
    const rnn::Sensitivity* found = begin(context, area);
    const std::vector<float>* path = found ? path_of(*found) : nullptr;
    if (!path) return;
    const std::uint64_t serial = fingerprint(*found);
    if (serial != measured_) {
      measured_ = serial;
      low_ = -1;
      for (const float v : *path)
        if (std::isfinite(v)) low_ = std::min(low_, v);
    }
    const PathSource source(*path, units_, context.session.network().letters_per_step(level_),
                            context.session.length());
    picture_.update(context, source, serial, {low_, 0}, context.ui.tracks.reduce);
    picture_.draw_values(context, &source, area, context.share_map);
  }

  Hover hover_at(const session::Session&, int position, float share) const override {
    Hover hover;
    hover.position = position;
    hover.layer = layer_;
    hover.unit = std::clamp(static_cast<int>(share * static_cast<float>(units_)), 0, units_ - 1);
    hover.gate = forget_gate_;  // what the product is of
    return hover;
  }

  std::string value_at(const session::Session& session, int position, float share) const override {
    const rnn::Sensitivity* found = session.sensitivity();
    const std::vector<float>* path = found ? path_of(*found) : nullptr;
    if (!path || position < 1) return {};
    const int unit = hover_at(session, position, share).unit;
    const int per_step = session.network().letters_per_step(level_);
    const int step = std::min((position - 1) / per_step, static_cast<int>(path->size()) / units_ - 1);
    const float v = (*path)[static_cast<std::size_t>(step * units_ + unit)];
    return (name_.empty() ? "" : name_ + ": ") + with_subscript("product of f", unit) + " up to " +
           session::step_name(session.network(), level_, session.length(), step) + " = " +
           from_log10(static_cast<double>(v)) + "\nhow much of the memory at the start is left";
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::Sensitivity* found = session.sensitivity();
    const std::vector<float>* path = found ? path_of(*found) : nullptr;
    if (!path) return false;
    tell_heat(out,
              std::make_shared<PathSource>(*path, units_, session.network().letters_per_step(level_),
                                           session.length()),
              unit_columns("log10 prod f", units_), {low_, 0}, true);
    return true;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  const std::vector<float>* path_of(const rnn::Sensitivity& found) const {
    const auto i = static_cast<std::size_t>(layer_);
    if (i >= found.direct_path.size() || found.direct_path[i].size() < static_cast<std::size_t>(units_))
      return nullptr;
    return &found.direct_path[i];
  }

  Heatmap picture_;
  int layer_, level_, units_, forget_gate_;
  std::string name_;
  float low_ = -1;  // log10 of the smallest product
  std::uint64_t measured_ = 0;
};

}  // namespace

void add_gradient_tracks(const session::Session& session, int& next_texture,
                         std::vector<std::shared_ptr<Track>>& out) {
  out.push_back(std::make_shared<StateGradients>());
  out.push_back(std::make_shared<InputGradient>());
  out.push_back(std::make_shared<JacobianTrack>());
  const rnn::Network& network = session.network();
  for (int layer = 0; layer < static_cast<int>(network.layers.size()); ++layer)
    if (rnn::is_lstm(network.layers[static_cast<std::size_t>(layer)].cell))
      out.push_back(std::make_shared<DirectPath>(next_texture++, layer, network));
}

}  // namespace ribostep::ui
