// What each letter contributes: substitutions as a heat map, contributions as bars and as a logo, and the
// prediction of every prefix as lines.
#include <algorithm>
#include <array>
#include <cmath>

#include "session/attributions.h"
#include "ui/debug_panels.h"
#include "ui/format.h"
#include "ui/heatmap.h"
#include "ui/track.h"
#include "ui/track_values.h"

namespace ribostep::ui {
namespace {

using experiment::Attribution;
using session::Attributions;

constexpr const char* kGroup = "Attribution";
constexpr float kMarkWidth = 6;    // pixels a letter needs for the mark on the present one
constexpr float kLetterWidth = 5;  // and to be drawn as a letter in the logo
constexpr int kMostLines = 6;      // outputs with a line each; of more the chosen one has one

void paper(const TrackContext& context, const Area& area) {
  const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
  context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
}
void small_text(const TrackContext& context, ImVec2 at, ImU32 colour, const std::string& text) {
  context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, at, colour, text.c_str());
}

// Largest contribution and substitution; found once per set of numbers.
struct Extent {
  std::uint64_t serial = 0;
  double above = 0, below = 0, effect = 0;

  void measure(const Attributions& a) {
    if (serial == a.serial()) return;
    *this = {};
    serial = a.serial();
    const Attribution* found = a.result();
    if (found == nullptr) return;
    const auto reach = static_cast<std::size_t>(std::max(0, found->reach));
    for (std::size_t i = 0; i < std::min(reach, found->letters.size()); ++i) {
      above = std::max(above, found->letters[i]);
      below = std::max(below, -found->letters[i]);
    }
    const std::size_t effects = reach * static_cast<std::size_t>(found->symbols);
    for (std::size_t i = 0; i < std::min(effects, found->effects.size()); ++i)
      if (std::isfinite(found->effects[i])) effect = std::max(effect, std::fabs(found->effects[i]));
  }
};

class AttributionTrack : public Track {
 public:
  std::string group() const override { return kGroup; }
  std::string note(const session::Session& session) const override {
    const Attributions& a = session.attributions();
    if (!a.complete())
      return a.busy() ? std::to_string(static_cast<int>(100 * a.progress())) + " %" : "incomplete";
    const Attribution* found = a.result();
    if (found != nullptr && !found->trusted) return "untrustworthy";
    return a.stale() ? "out of date" : "";
  }
  std::string value_at(const session::Session& session, int position, float) const override {
    if (position < 1) return "no letter is read here";
    return "position " + std::to_string(position) + ": " +
           session.attributions().contribution_words(position);
  }

 protected:
  const Attribution* of(const TrackContext& context) {
    extent_.measure(context.session.attributions());
    return context.session.attributions().result();
  }
  Extent extent_;
};

// ---- substitutions

class EffectSource final : public LodSource {
 public:
  explicit EffectSource(const Attribution& found) : found_(found) {}
  int rows() const override { return found_.symbols; }
  int length() const override { return static_cast<int>(found_.letters.size()); }
  void read(int t, float* out) const override {
    const auto count = static_cast<std::size_t>(found_.symbols);
    for (std::size_t k = 0; k < count; ++k) {
      const double effect = found_.effects[static_cast<std::size_t>(t) * count + k];
      out[k] = std::isfinite(effect) ? static_cast<float>(effect) : 0.0f;
    }
  }

 private:
  const Attribution& found_;
};

class SubstitutionsTrack final : public AttributionTrack {
 public:
  SubstitutionsTrack(int texture, int symbols) : picture_(texture), symbols_(symbols) {}
  std::string key() const override { return "attribution substitutions"; }
  std::string title() const override { return "Mutations"; }
  float height() const override { return std::clamp(static_cast<float>(symbols_) * 13, 26.0f, 130.0f); }
  bool present(const session::Session& session) const override {
    const Attribution* found = session.attributions().result();
    return found != nullptr && !found->effects.empty() && found->symbols > 0;
  }

  void draw(const TrackContext& context, const Area& area) override {
    const Attribution* found = of(context);
    if (found == nullptr || found->effects.empty()) return;
    const EffectSource source(*found);
    picture_.update(context, source, context.session.attributions().serial(),
                    symmetric_range(static_cast<float>(extent_.effect)), Reduce::Extreme);
    picture_.draw_values(context, &source, area, context.signed_map);
    mark_present(context, area, found->symbols);
  }
  void draw_start(const TrackContext& context, const Area& column) override {
    const std::string_view symbols = context.session.data().alphabet().symbols;
    const float row = column.height() / static_cast<float>(std::max<std::size_t>(1, symbols.size()));
    ImFont* font = context.fonts.mono_small;
    if (row < font->FontSize * 0.7f) return;
    for (std::size_t k = 0; k < symbols.size(); ++k) {
      const std::array<char, 2> text{symbols[k], 0};
      const float y = column.min.y + (static_cast<float>(k) + 0.5f) * row - font->FontSize / 2;
      context.draw.AddText(font, font->FontSize, ImVec2(column.min.x + 2, y), context.theme.text_dim,
                           text.data());
    }
  }
  void draw_legend(const TrackContext& context, const Area& area) override {
    if (of(context) == nullptr) return;
    const float high = symmetric_range(static_cast<float>(extent_.effect)).high;
    small_text(context, area.min, context.theme.text_dim,
               "\xC2\xB1" + significant(static_cast<double>(high), 2));
  }
  std::string value_at(const session::Session& session, int position, float share) const override {
    const Attribution* found = session.attributions().result();
    std::string text = AttributionTrack::value_at(session, position, share);
    if (found == nullptr || position < 1 || position > static_cast<int>(found->letters.size())) return text;
    const std::string_view symbols = session.data().alphabet().symbols;
    const int k =
        std::clamp(static_cast<int>(share * static_cast<float>(found->symbols)), 0, found->symbols - 1);
    const auto at = static_cast<std::size_t>(position - 1);
    const double effect =
        found->effects[at * static_cast<std::size_t>(found->symbols) + static_cast<std::size_t>(k)];
    if (!std::isfinite(effect) || static_cast<std::size_t>(k) >= symbols.size()) return text;
    const char now = session.letters()[at], other = symbols[static_cast<std::size_t>(k)];
    if (now == other) return std::string(1, now) + " is what is there\n" + text;
    return std::string(1, now) + " to " + other + " changes the " + session.attributions().about() + " by " +
           significant(effect, 3) + "\n" + text;
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    const Attribution* found = session.attributions().result();
    if (found == nullptr || found->effects.empty()) return false;
    std::vector<std::string> names;
    for (const char symbol : session.data().alphabet().symbols) names.push_back(std::string("to ") + symbol);
    names.resize(static_cast<std::size_t>(found->symbols));
    Extent extent;
    extent.measure(session.attributions());
    tell_heat(out, std::make_shared<EffectSource>(*found), std::move(names),
              symmetric_range(static_cast<float>(extent.effect)));
    return true;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  static void mark_present(const TrackContext& context, const Area& area, int symbols) {
    const Axis& axis = context.axis;
    if (axis.pixels_per_letter() < kMarkWidth) return;
    const std::string_view letters = context.session.letters();
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const float row = area.height() / static_cast<float>(symbols);
    for (int t = axis.begin_index(); t < std::min(axis.end_index(), static_cast<int>(letters.size())); ++t) {
      const int token = alphabet.token(letters[static_cast<std::size_t>(t)]);
      if (!alphabet.is_symbol(token)) continue;
      const float y = area.min.y + static_cast<float>(token) * row;
      context.draw.AddRect(ImVec2(axis.x_of(t) + 0.5f, y + 0.5f),
                           ImVec2(axis.x_of(t + 1) - 0.5f, y + row - 0.5f), context.theme.text_dim);
    }
  }

  Heatmap picture_;
  int symbols_;
};

// ---- contributions

// Where zero lies, and how high one unit is, when the largest and the smallest contribution just fit.
struct Scale {
  float zero = 0, unit = 0;
  Scale(const Area& area, const Extent& extent) {
    const double range = extent.above + extent.below;
    unit = range > 0 ? static_cast<float>((static_cast<double>(area.height()) - 2) / range) : 0;
    zero = area.min.y + 1 + (range > 0 ? unit * static_cast<float>(extent.above) : (area.height() - 2) / 2);
  }
  float y(double value) const { return zero - static_cast<float>(value) * unit; }
};

// The visible letters that were computed, or pixel columns of them with the largest and the smallest of each.
template <class F>
void each_bar(const Axis& axis, const Attribution& found, F f) {
  const int end = std::min({axis.end_index(), found.reach, static_cast<int>(found.letters.size())});
  for (int t = axis.begin_index(); t < end;) {
    const float x0 = axis.x_of(t);
    double high = 0, low = 0;
    int last = t;
    do {
      high = std::max(high, found.letters[static_cast<std::size_t>(last)]);
      low = std::min(low, found.letters[static_cast<std::size_t>(last)]);
      ++last;
    } while (last < end && axis.x_of(last) < x0 + 1);
    f(t, x0, std::max(x0 + 1, axis.x_of(last)), low, high);
    t = last;
  }
}

void zero_line(const TrackContext& context, const Area& area, const Scale& scale) {
  const float y = std::round(scale.zero) + 0.5f;
  context.draw.AddLine(ImVec2(area.min.x, y),
                       ImVec2(std::min(area.max.x, context.axis.x_of(context.axis.length)), y),
                       context.theme.grid);
}

// What each letter contributes, as bars; letters that were not computed have none.
bool tell_contributions(const session::Session& session, TrackValues& out) {
  const Attribution* found = session.attributions().result();
  if (found == nullptr || found->letters.empty()) return false;
  out.kind = TrackValues::Kind::Bars;
  out.low = out.high = 0;
  out.names = {"contribution"};
  out.colours = {theme(out.dark).accent};
  out.read = [found](int letter, double* to) {
    const auto at = static_cast<std::size_t>(letter);
    to[0] = letter < found->reach && at < found->letters.size() ? found->letters[at] : std::nan("");
  };
  return true;
}

class ContributionsTrack final : public AttributionTrack {
 public:
  bool values(const session::Session& session, TrackValues& out) const override {
    return tell_contributions(session, out);
  }
  std::string key() const override { return "attribution"; }
  std::string title() const override { return "Contributions"; }
  float height() const override { return 56; }
  bool present(const session::Session& session) const override {
    const Attribution* found = session.attributions().result();
    return found != nullptr && found->effects.empty();
  }
  void draw(const TrackContext& context, const Area& area) override {
    paper(context, area);
    const Attribution* found = of(context);
    if (found == nullptr) return;
    const Scale scale(area, extent_);
    const float gap = context.axis.pixels_per_letter() >= 4 ? 0.5f : 0.0f;
    context.draw.PushClipRect(area.min, area.max, true);
    each_bar(context.axis, *found, [&](int, float x0, float x1, double low, double high) {
      if (high > 0)
        context.draw.AddRectFilled(ImVec2(x0 + gap, scale.y(high)), ImVec2(x1 - gap, scale.zero),
                                   context.theme.positive);
      if (low < 0)
        context.draw.AddRectFilled(ImVec2(x0 + gap, scale.zero), ImVec2(x1 - gap, scale.y(low)),
                                   context.theme.negative);
    });
    zero_line(context, area, scale);
    context.draw.PopClipRect();
  }
  void draw_legend(const TrackContext& context, const Area& area) override {
    if (of(context) == nullptr) return;
    small_text(context, area.min, context.theme.text_dim,
               significant(-extent_.below, 2) + " to " + significant(extent_.above, 2));
  }
};

// A letter stretched over a rectangle: its glyph without the room around it.
void stretched_letter(const TrackContext& context, char letter, ImVec2 min, ImVec2 max, ImU32 colour) {
  const ImFontGlyph* glyph = context.fonts.title->FindGlyph(static_cast<ImWchar>(letter));
  if (glyph == nullptr || max.y - min.y < 0.5f) return;
  context.draw.PrimReserve(6, 4);
  context.draw.PrimRectUV(min, max, ImVec2(glyph->U0, glyph->V0), ImVec2(glyph->U1, glyph->V1), colour);
}

class LogoTrack final : public AttributionTrack {
 public:
  bool values(const session::Session& session, TrackValues& out) const override {
    if (!tell_contributions(session, out)) return false;
    out.kind = TrackValues::Kind::Logo;
    out.letters = session.letters();
    out.fill = [alphabet = &session.data().alphabet(), dark = out.dark](char c) {
      return mixed(letter_colour(c, *alphabet, dark), theme(dark).text, 0.15f);
    };
    return true;
  }
  std::string key() const override { return "attribution logo"; }
  std::string title() const override { return "Logo"; }
  float height() const override { return 64; }
  bool present(const session::Session& session) const override {
    return session.attributions().result() != nullptr && !session.data().alphabet().is_series();
  }
  void draw(const TrackContext& context, const Area& area) override {
    paper(context, area);
    const Attribution* found = of(context);
    const std::string_view letters = context.session.letters();
    if (found == nullptr || found->letters.size() != letters.size()) return;
    const Scale scale(area, extent_);
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const bool written = context.axis.pixels_per_letter() >= kLetterWidth;
    context.draw.PushClipRect(area.min, area.max, true);
    zero_line(context, area, scale);
    each_bar(context.axis, *found, [&](int t, float x0, float x1, double low, double high) {
      const char letter = letters[static_cast<std::size_t>(t)];
      // The colours are made for what stands behind a letter; here they are the letter.
      const ImU32 ink = mixed(letter_colour(letter, alphabet, context.theme.dark), context.theme.text,
                              written ? 0.15f : 0.0f);
      for (const double value : {high, low}) {
        if (value == 0) continue;
        const ImVec2 min(x0, std::min(scale.y(value), scale.zero)),
            max(x1, std::max(scale.y(value), scale.zero));
        if (written)
          stretched_letter(context, letter, ImVec2(min.x + 0.5f, min.y), ImVec2(max.x - 0.5f, max.y), ink);
        else
          context.draw.AddRectFilled(min, max, ink);
      }
    });
    context.draw.PopClipRect();
  }
};

// ---- prefixes

class PrefixTrack final : public Track {
 public:
  std::string key() const override { return "prefixes"; }
  std::string title() const override { return "Prefixes"; }
  std::string note(const session::Session& session) const override {
    const Attributions& a = session.attributions();
    if (a.prefixes_progress() < 1)
      return std::to_string(static_cast<int>(100 * a.prefixes_progress())) + " %";
    return "if it ended here";
  }
  float height() const override { return 58; }
  bool present(const session::Session& session) const override {
    return session.attributions().prefixes_wanted();
  }

  void draw(const TrackContext& context, const Area& area) override {
    paper(context, area);
    const Attributions& a = context.session.attributions();
    const int count = a.prefix_count(), outputs = context.session.network().spec.outputs();
    if (count == 0) {
      const std::string why = a.prefixes_obstacle();
      small_text(context, ImVec2(area.min.x + 8, area.min.y + 4), context.theme.text_dim,
                 why.empty() ? std::string("being read \xE2\x80\xA6") : why);
      return;
    }
    for (const float share : {0.25f, 0.5f, 0.75f}) {
      const float y = std::round(area.max.y - share * area.height()) + 0.5f;
      context.draw.AddLine(ImVec2(area.min.x, y),
                           ImVec2(std::min(area.max.x, context.axis.x_of(context.axis.length)), y),
                           context.theme.grid);
    }
    context.draw.PushClipRect(area.min, area.max, true);
    for (int k = outputs - 1; k >= 0; --k)
      if (outputs <= kMostLines || k == a.choice().output) line(context, area, a, count, k);
    context.draw.PopClipRect();
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const Attributions& a = session.attributions();
    const int count = a.prefix_count();
    if (count == 0 || position < 1) return a.prefixes_obstacle();
    const int i = first_at_least(a, count, position);
    std::string text = "of the first " + counted(a.prefix_length(i), "letter", "letters");
    const std::vector<std::string>& names = session.output_names();
    const int outputs = session.network().spec.outputs();
    for (int k = 0; k < outputs && k < static_cast<int>(names.size()); ++k)
      if (outputs <= kMostLines || k == a.choice().output)
        text += "\n" + names[static_cast<std::size_t>(k)] + " " +
                significant(static_cast<double>(a.prefix_probability(i, k)), 3);
    return text;
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    const Attributions& a = session.attributions();
    const int count = a.prefix_count(), outputs = session.network().spec.outputs();
    if (count == 0) return false;
    out.low = 0;
    out.high = 1;
    const std::vector<std::string>& names = session.output_names();
    for (int k = 0; k < outputs; ++k) {
      const auto i = static_cast<std::size_t>(k);
      out.names.push_back("p(" + (i < names.size() ? names[i] : std::to_string(k + 1)) + ") so far");
      out.colours.push_back(class_colour(k, out.dark));
    }
    out.read = [&a, count, outputs](int letter, double* to) {
      const int i = first_at_least(a, count, letter + 1);
      for (int k = 0; k < outputs; ++k) to[k] = static_cast<double>(a.prefix_probability(i, k));
    };
    return true;
  }

 private:
  // The first prefix that reads the letter; lengths ascend.
  static int first_at_least(const Attributions& a, int count, int letters) {
    int low = 0, high = count - 1;
    while (low < high) {
      const int middle = (low + high) / 2;
      if (a.prefix_length(middle) < letters)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
  // One prefix per pixel column at most.
  static void line(const TrackContext& context, const Area& area, const Attributions& a, int count,
                   int output) {
    const Axis& axis = context.axis;
    const int begin = std::max(0, first_at_least(a, count, static_cast<int>(axis.first)) - 1);
    std::vector<ImVec2> points;
    float right = -1e9f;
    for (int i = begin; i < count;) {
      const float x = axis.x_of(a.prefix_length(i) - 0.5);
      points.push_back(ImVec2(x, area.max.y - 1.5f - a.prefix_probability(i, output) * (area.height() - 3)));
      right = x;
      if (right > area.max.x) break;
      const int next = first_at_least(a, count, static_cast<int>(axis.letter_at(x + 1)) + 1);
      i = std::max(i + 1, next);
    }
    const ImU32 colour = class_colour(output, context.theme.dark);
    if (points.size() == 1) context.draw.AddCircleFilled(points[0], 2, colour);
    context.draw.AddPolyline(points.data(), static_cast<int>(points.size()), colour, 0, 1.6f);
  }
};

}  // namespace

void add_attribution_tracks(const session::Session& session, int& next_texture,
                            std::vector<std::shared_ptr<Track>>& tracks) {
  tracks.push_back(std::make_shared<SubstitutionsTrack>(next_texture++, session.data().alphabet().size()));
  tracks.push_back(std::make_shared<ContributionsTrack>());
  tracks.push_back(std::make_shared<LogoTrack>());
  tracks.push_back(std::make_shared<PrefixTrack>());
}

}  // namespace ribostep::ui
