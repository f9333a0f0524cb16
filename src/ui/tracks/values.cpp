// A series of real values: what is read at each position, a row per channel, and for a network that predicts
// the next vector what it said beside what came.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ui/heatmap.h"
#include "ui/readout.h"
#include "ui/tracks/difference.h"
#include "ui/tracks/lines.h"

namespace ribostep::ui {
namespace {

std::string number(float v) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(v));
  return text.data();
}

// A channel by the name the data give it.
std::string channel_name(const session::Session& session, int channel) {
  const std::vector<std::string>& names = session.data().channel_names();
  const auto i = static_cast<std::size_t>(channel);
  return i < names.size() ? names[i] : "channel " + std::to_string(channel + 1);
}

// Each channel over its own largest size, so that channels of different units can be seen side by side.
class ValueSource final : public LodSource {
 public:
  ValueSource(std::span<const float> values, int channels, int length, const std::vector<float>& sizes)
      : values_(values), sizes_(sizes), channels_(channels), length_(length) {}
  int rows() const override { return channels_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    for (int k = 0; k < channels_; ++k) {
      const std::size_t at =
          static_cast<std::size_t>(t) * static_cast<std::size_t>(channels_) + static_cast<std::size_t>(k);
      out[k] = at < values_.size() ? values_[at] / sizes_[static_cast<std::size_t>(k)] : 0;
    }
  }

 private:
  std::span<const float> values_;
  const std::vector<float>& sizes_;
  int channels_, length_;
};

class ValuesTrack final : public Track {
 public:
  explicit ValuesTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "values"; }
  std::string title() const override { return "x_t"; }
  std::string note(const session::Session&) const override { return "0 ± largest"; }
  bool present(const session::Session& session) const override {
    return session.network().spec.input == rnn::Input::Values;
  }
  float height() const override { return std::clamp(static_cast<float>(channels_) * 14, 36.0f, 112.0f); }

  void draw(const TrackContext& context, const Area& area) override {
    const std::span<const float> values = context.session.example().values;
    channels_ = context.session.network().spec.channels;
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.signed_map[127]);
    if (values.empty() || channels_ <= 0) return;
    const auto serial =
        static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(values.data())) + values.size();
    measure(values, serial);
    const ValueSource source(values, channels_, context.session.length(), sizes_);
    picture_.update(context, source, serial, {-1, 1}, context.ui.tracks.reduce);
    picture_.draw_values(context, &source, area, context.signed_map);
    const float row = area.height() / static_cast<float>(channels_);
    for (int k = 1; k < channels_ && row >= 6; ++k) {
      const float y = std::round(area.min.y + row * static_cast<float>(k)) - 0.5f;
      context.draw.AddLine(ImVec2(area.min.x, y), ImVec2(right, y), context.theme.panel);
    }
  }

  std::string value_at(const session::Session& session, int position, float share) const override {
    const std::span<const float> values = session.example().values;
    const int channels = session.network().spec.channels;
    if (position < 1 || channels <= 0) return {};
    const int k = std::clamp(static_cast<int>(share * static_cast<float>(channels)), 0, channels - 1);
    const std::size_t at = static_cast<std::size_t>(position - 1) * static_cast<std::size_t>(channels) +
                           static_cast<std::size_t>(k);
    if (at >= values.size()) return {};
    return channel_name(session, k) + " at position " + std::to_string(position) + " = " + number(values[at]);
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }
  bool values(const session::Session& session, TrackValues& out) const override {
    const std::span<const float> given = session.example().values;
    const int channels = session.network().spec.channels;
    if (given.empty() || channels <= 0) return false;
    out.kind = TrackValues::Kind::Lines;
    out.low = out.high = 0;
    for (int k = 0; k < channels; ++k) {
      out.names.push_back(channel_name(session, k));
      out.colours.push_back(class_colour(k, false));
    }
    out.read = [given, channels](int letter, double* numbers) {
      for (int k = 0; k < channels; ++k) {
        const auto at = static_cast<std::size_t>(letter) * static_cast<std::size_t>(channels) +
                        static_cast<std::size_t>(k);
        numbers[k] = at < given.size() ? static_cast<double>(given[at]) : std::nan("");
      }
    };
    return true;
  }

 private:
  void measure(std::span<const float> values, std::uint64_t serial) {
    if (serial == measured_ && static_cast<int>(sizes_.size()) == channels_) return;
    measured_ = serial;
    sizes_.assign(static_cast<std::size_t>(channels_), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (std::isfinite(values[i]))
        sizes_[i % sizes_.size()] = std::max(sizes_[i % sizes_.size()], std::fabs(values[i]));
    for (float& size : sizes_)
      if (!(size > 0)) size = 1;
  }

  Heatmap picture_;
  int channels_ = 1;
  std::vector<float> sizes_;  // largest |value| of each channel
  std::uint64_t measured_ = 0;
};

constexpr int kMostLanes = 8;  // channels that have a lane of their own

// Column t: what was predicted for t+1 and what came there.
class NextValuesTrack final : public Track {
 public:
  explicit NextValuesTrack(const rnn::ModelSpec& spec) : channels_(spec.outputs()) {}
  std::string key() const override { return "output"; }
  std::string title() const override { return "x_{t+1}"; }
  std::string note(const session::Session&) const override {
    return channels_ > kMostLanes ? "first " + std::to_string(kMostLanes) + " channels" : std::string();
  }
  float height() const override { return std::max(44.0f, static_cast<float>(lanes()) * 30); }

  void draw(const TrackContext& context, const Area& area) override {
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    const rnn::Trace* trace = context.session.trace();
    if (!trace || trace->outputs != channels_ || trace->rows <= 0) return;
    const std::span<const float> values = context.session.example().values;
    const int n = channels_;
    const auto came_at = [&](int row, int k) {
      const std::size_t at = static_cast<std::size_t>((row + 1) * n + k);
      return at < values.size() ? static_cast<double>(values[at]) : std::nan("");
    };
    const float lane = area.height() / static_cast<float>(lanes());
    for (int k = 0; k < lanes(); ++k) {
      const Area row{ImVec2(area.min.x, area.min.y + lane * static_cast<float>(k)),
                     ImVec2(right, area.min.y + lane * static_cast<float>(k + 1))};
      if (k > 0) context.draw.AddLine(row.min, ImVec2(row.max.x, row.min.y), context.theme.panel);
      StepLine came{trace->rows, 0, static_cast<double>(trace->letters_per_row),
                    [&](int i) { return came_at(i, k); }};
      StepLine predicted = came;
      predicted.value = [&](int i) { return static_cast<double>(trace->p(i, k)); };
      Span range = range_of(*trace, came, predicted, context.session.trace_serial(), k);
      if (range.empty()) continue;
      if (!(range.high > range.low)) range.low -= 1, range.high += 1;
      draw_step_line(context, row, came, range.low, range.high, context.theme.text_dim, 1.2f);
      draw_step_line(context, row, predicted, range.low, range.high, context.theme.accent, 1.6f);
      if (!ghost_of_outputs(context.session)) continue;
      const session::Compare& compare = context.session.compare();
      const auto ghost = [&](int letter) {
        const float* then = session::outputs_at(*compare.reference(), compare.reference_position(letter + 1));
        return then ? static_cast<double>(then[k]) : std::nan("");
      };
      draw_ghost(context, row, ghost, range.low, range.high, context.theme.accent);
    }
  }

  void draw_legend(const TrackContext& context, const Area& area) override {
    const float line = context.fonts.small->FontSize + 1;
    const bool ghost = ghost_of_outputs(context.session);
    const std::array<std::pair<const char*, ImU32>, 3> entries{
        {{"predicted", context.theme.accent},
         {"came", context.theme.text_dim},
         {context.session.compare().reference_word(), context.theme.accent}}};
    float y = area.min.y;
    for (const auto& [words, colour] : entries) {
      if (y + line > area.max.y + 3 || (&words == &entries[2].first && !ghost)) return;
      if (&words == &entries[2].first) {
        for (const float x : {0.0f, 8.0f})
          context.draw.AddLine(ImVec2(area.min.x + x, y + line / 2), ImVec2(area.min.x + x + 4, y + line / 2),
                               colour, 1.3f);
        context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 16, y),
                             context.theme.text_dim, words);
        return;
      }
      context.draw.AddLine(ImVec2(area.min.x, y + line / 2), ImVec2(area.min.x + 12, y + line / 2), colour,
                           1.6f);
      context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 16, y),
                           context.theme.text_dim, words);
      y += line;
    }
  }

  std::string value_at(const session::Session& session, int position, float share) const override {
    const rnn::Trace* trace = session.trace();
    if (!trace || trace->rows <= 0) return {};
    if (position < 1 || position > trace->length) return "no output before the first position";
    const std::vector<NextValue> all = next_values(*trace, session.example(), position);
    const int k = std::clamp(static_cast<int>(share * static_cast<float>(lanes())), 0, lanes() - 1);
    const NextValue& v = all[static_cast<std::size_t>(k)];
    std::string text = "after position " + std::to_string(position) + "\n" + channel_name(session, k) +
                       ": predicted " + number(v.predicted);
    if (v.known) text += ", next is " + number(v.next);
    if (!ghost_of_outputs(session)) return text;
    const session::Compare& compare = session.compare();
    const float* then = session::outputs_at(*compare.reference(), compare.reference_position(position));
    const std::string word = compare.reference_word();
    if (!then) return text + "\nthe " + word + " has none here";
    return text + "\n" + word + " " + counterpart_words(session, position) + ": " + number(then[k]) +
           "\ndifference " + signed_text(static_cast<double>(v.predicted) - static_cast<double>(then[k]));
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    const rnn::Trace* trace = session.trace();
    if (!trace || trace->outputs != channels_ || trace->rows <= 0) return false;
    out.kind = TrackValues::Kind::Lines;
    out.low = out.high = 0;
    for (int k = 0; k < channels_; ++k) {
      out.names.push_back("predicted " + channel_name(session, k));
      out.colours.push_back(class_colour(k, false));
    }
    out.read = [trace, n = channels_](int letter, double* numbers) {
      const float* p = session::outputs_at(*trace, letter + 1);
      for (int k = 0; k < n; ++k) numbers[k] = p ? static_cast<double>(p[k]) : std::nan("");
    };
    return true;
  }

 private:
  int lanes() const { return std::min(channels_, kMostLanes); }
  // Both lines share the scale of their channel; found once for each trace.
  Span range_of(const rnn::Trace&, const StepLine& came, const StepLine& predicted, std::uint64_t serial,
                int k) {
    if (serial != measured_) ranges_.clear();
    measured_ = serial;
    if (static_cast<int>(ranges_.size()) <= k) {
      Span range = span_of(came);
      const Span other = span_of(predicted);
      range.add(other.low);
      range.add(other.high);
      ranges_.push_back(range);
    }
    return ranges_[static_cast<std::size_t>(k)];
  }

  int channels_;
  std::vector<Span> ranges_;
  std::uint64_t measured_ = 0;
};

}  // namespace

std::shared_ptr<Track> make_values_track(int texture) { return std::make_shared<ValuesTrack>(texture); }
std::shared_ptr<Track> make_next_values_track(const rnn::ModelSpec& spec) {
  return std::make_shared<NextValuesTrack>(spec);
}

}  // namespace ribostep::ui
