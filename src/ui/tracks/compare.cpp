// Two sequences side by side: the letters of the pinned run (or of the sequence before its edits) under the
// letters they belong to, and how far the two runs lie apart at each position.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ui/debug_panels.h"
#include "ui/heatmap.h"
#include "ui/tracks/difference.h"
#include "ui/tracks/strands.h"

namespace ribostep::ui {
namespace {

using session::Compare;

constexpr float kLetterWidth = 7;  // pixels a cell needs before its letter is drawn
constexpr const char* kGroup = "Compared";

// Letters that belong to letters, which a moment that is compared with everything has not.
bool laid_out(const session::Session& session) {
  const Compare& compare = session.compare();
  return compare.ready() && compare.alignment() != nullptr &&
         !(compare.pinned() && compare.pinned()->mode == io::PinMode::Moment);
}

// Whether the two sequences are not simply the same one.
bool letters_differ(const session::Session& session) {
  const bio::Alignment* a = session.compare().alignment();
  return a && (a->gaps > 0 || a->identical < a->pairs);
}

// Equal, different, no counterpart: shares of a column.
class MatchSource final : public LodSource {
 public:
  MatchSource(const Compare& compare, std::string_view here, std::string_view there)
      : compare_(compare), here_(here), there_(there) {}
  int rows() const override { return 3; }
  int length() const override { return static_cast<int>(here_.size()); }
  void read(int t, float* out) const override {
    const int j = compare_.reference_position(t + 1) - 1;
    const bool gap = j < 0 || static_cast<std::size_t>(j) >= there_.size();
    const bool same = !gap && there_[static_cast<std::size_t>(j)] == here_[static_cast<std::size_t>(t)];
    out[0] = same ? 1.0f : 0.0f;
    out[1] = !same && !gap ? 1.0f : 0.0f;
    out[2] = gap ? 1.0f : 0.0f;
  }

 private:
  const Compare& compare_;
  std::string_view here_, there_;
};

class CompareLettersTrack final : public Track {
 public:
  explicit CompareLettersTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "compare letters"; }
  std::string group() const override { return kGroup; }
  std::string title() const override { return "Letters"; }
  std::string note(const session::Session& session) const override {
    if (!laid_out(session)) return {};
    const bio::Alignment& a = *session.compare().alignment();
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.0f %% equal",
                  a.pairs > 0 ? 100.0 * a.identical / a.pairs : 0.0);
    return text.data();
  }
  float height() const override { return 50; }  // shrinks with the layers
  bool present(const session::Session& session) const override {
    return laid_out(session) && letters_differ(session);
  }

  void draw(const TrackContext& context, const Area& area) override {
    const std::string_view here = context.session.letters(),
                           there = context.session.compare().reference_letters();
    if (context.axis.pixels_per_letter() >= kLetterWidth) {
      draw_letters(context, area, here, there);
    } else {
      const MatchSource source(context.session.compare(), here, there);
      picture_.update(context, source, difference_serial(context.session), {0, 1}, Reduce::Mean);
      picture_.draw_stack(
          context, &source, area,
          {faded(context.theme.accent, 0.45f), context.theme.negative, context.theme.panel_alt});
    }
    draw_insertions(context, area);
  }

  // The letter there of each letter here; '-': it has none.
  bool values(const session::Session& session, TrackValues& out) const override {
    if (!laid_out(session)) return false;
    const Compare& compare = session.compare();
    const std::string_view there = compare.reference_letters();
    out.kind = TrackValues::Kind::Letters;
    for (int position = 1; position <= session.length(); ++position) {
      const auto at = static_cast<std::size_t>(compare.reference_position(position) - 1);
      out.letters += at < there.size() ? there[at] : '-';
    }
    out.fill = [alphabet = &session.data().alphabet(), dark = out.dark](char c) {
      return letter_colour(c, *alphabet, dark);
    };
    return !out.letters.empty();
  }
  std::string value_at(const session::Session& session, int position, float) const override {
    if (position < 1 || position > session.length() || !laid_out(session)) return {};
    const Compare& compare = session.compare();
    const int there = compare.reference_position(position);
    const char letter = session.letters()[static_cast<std::size_t>(position - 1)];
    std::string text = std::string(1, letter) + " at position " + std::to_string(position);
    if (there < 1) return text + ": not in the " + compare.reference_word();
    if (static_cast<std::size_t>(there) > compare.reference_letters().size()) return text;
    const char other = compare.reference_letters()[static_cast<std::size_t>(there - 1)];
    text += (other == letter ? " is the same " : " is " + std::string(1, other) + " ") +
            counterpart_words(session, position);
    const int skipped = missing_before(compare, position);
    if (skipped > 0)
      text += "\nbefore it " + std::to_string(skipped) +
              (skipped == 1 ? " letter is only in the " : " letters are only in the ") +
              compare.reference_word();
    return text;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  // Letters of the reference between the counterparts of this position and the one before. A gap here before
  // it hides them: then they stand before the gap.
  static int missing_before(const Compare& compare, int position) {
    const int there = compare.reference_position(position);
    const int before = compare.reference_position(position - 1);
    return there < 1 || before < 0 ? 0 : there - before - 1;
  }

  static void draw_letters(const TrackContext& context, const Area& area, std::string_view here,
                           std::string_view there) {
    const Axis& axis = context.axis;
    const Compare& compare = context.session.compare();
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const float tick = std::min(12.0f, area.height() * 0.35f), cell = axis.pixels_per_letter();
    ImFont* font = cell >= 10 ? context.fonts.mono : context.fonts.mono_small;
    const float top = area.min.y + tick, gap = cell >= 10 ? 0.5f : 0.0f;
    for (int t = axis.begin_index(); t < axis.end_index(); ++t) {
      const int j = compare.reference_position(t + 1) - 1;
      const float x0 = axis.x_of(t), x1 = axis.x_of(t + 1), middle = (x0 + x1) / 2;
      std::array<char, 4> text{};
      ImU32 ink = context.theme.text_dim;
      if (j < 0 || static_cast<std::size_t>(j) >= there.size()) {
        std::snprintf(text.data(), text.size(), "–");
      } else {
        text[0] = there[static_cast<std::size_t>(j)];
        const bool same = text[0] == here[static_cast<std::size_t>(t)];
        const ImU32 fill = letter_colour(text[0], alphabet, context.theme.dark);
        context.draw.AddRectFilled(ImVec2(x0 + gap, top), ImVec2(x1 - gap, area.max.y), fill);
        ink = ink_on(fill);
        if (same)
          context.draw.AddLine(ImVec2(middle, area.min.y + 2), ImVec2(middle, top - 2),
                               context.theme.text_dim, 1.2f);
        else
          context.draw.AddCircleFilled(ImVec2(middle, area.min.y + tick / 2), 2.2f, context.theme.negative,
                                       8);
      }
      const ImVec2 size = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data());
      context.draw.AddText(font, font->FontSize, ImVec2(middle - size.x / 2, (top + area.max.y - size.y) / 2),
                           ink, text.data());
    }
  }

  // A wedge where letters of the reference have no room between the letters of the sequence.
  static void draw_insertions(const TrackContext& context, const Area& area) {
    if (context.axis.pixels_per_letter() < 2) return;
    const Compare& compare = context.session.compare();
    for (int t = context.axis.begin_index(); t < context.axis.end_index(); ++t) {
      if (missing_before(compare, t + 1) <= 0) continue;
      const float x = context.axis.x_of(t);
      context.draw.AddTriangleFilled(ImVec2(x - 4, area.max.y), ImVec2(x, area.max.y - 7),
                                     ImVec2(x + 4, area.max.y), context.theme.text);
    }
  }

  Heatmap picture_;
};

// Both figures of a position over their largest, so that they share the track.
class SizeSource final : public LodSource {
 public:
  explicit SizeSource(const session::Differences& differences) : of_(differences) {}
  int rows() const override { return 2; }
  int length() const override { return static_cast<int>(of_.states.size()); }
  void read(int t, float* out) const override {
    const auto share = [&](const std::vector<float>& all, float largest) {
      const float v = all[static_cast<std::size_t>(t)];
      return std::isfinite(v) && largest > 0 ? v / largest : 0.0f;
    };
    out[0] = share(of_.states, of_.largest_states);
    out[1] = share(of_.outputs, of_.largest_outputs);
  }

 private:
  const session::Differences& of_;
};

class DifferenceSizeTrack final : public Track {
 public:
  explicit DifferenceSizeTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "compare size"; }
  std::string group() const override { return kGroup; }
  std::string title() const override { return "|Δ|"; }
  std::string note(const session::Session& session) const override {
    const session::Differences* found = shown(session);
    if (!found) return "counting …";
    std::array<char, 48> text{};
    if (session.compare().comparable_states())
      std::snprintf(text.data(), text.size(), "h: 0 … %.3g", static_cast<double>(found->largest_states));
    return text.data();
  }
  float height() const override { return 64; }
  bool present(const session::Session& session) const override { return session.compare().ready(); }

  void draw(const TrackContext& context, const Area& area) override {
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    if (context.session.compare().alignment()) hatch_gaps(context, area);
    const session::Differences* found = shown(context.session);
    if (!found) return;
    const SizeSource source(*found);
    // The range is symmetric so that the extreme of many positions is the largest of them.
    picture_.update(context, source, context.session.compare().differences_serial(), {-1, 1},
                    Reduce::Extreme);
    const Axis& axis = context.axis;
    const CellWindow window = window_for(axis);
    const auto columns = static_cast<std::size_t>(window.count);
    std::vector<std::uint8_t> bytes(columns * 2);
    picture_.pyramid().fill(source, window.level, window.begin, window.count, bytes.data());
    const double size = std::ldexp(1.0, window.level);
    context.draw.PushClipRect(area.min, area.max, true);
    std::vector<ImVec2> points(columns);
    const Compare& compare = context.session.compare();
    for (std::size_t row = 2; row-- > 0;) {
      if (row == 0 ? !compare.comparable_states() : !compare.comparable_outputs()) continue;
      for (std::size_t i = 0; i < columns; ++i) {
        const float share =
            std::max(0.0f, ValueRange{-1, 1}.value(bytes[row * columns + i]) - 0.004f);  // half a byte is 0
        points[i].x = axis.x_of((window.begin + static_cast<double>(i) + 0.5) * size);
        points[i].y = area.max.y - 1.5f - share * (area.height() - 3);
      }
      context.draw.AddPolyline(points.data(), window.count,
                               row == 0 ? context.theme.accent : context.theme.negative, 0, 1.6f);
    }
    context.draw.PopClipRect();
  }

  void draw_legend(const TrackContext& context, const Area& area) override {
    const Compare& compare = context.session.compare();
    const float line = context.fonts.small->FontSize + 1;
    float y = area.min.y;
    const auto entry = [&](const char* words, ImU32 colour) {
      if (y + line > area.max.y + 3) return;
      context.draw.AddLine(ImVec2(area.min.x, y + line / 2), ImVec2(area.min.x + 10, y + line / 2), colour,
                           1.6f);
      context.draw.AddText(context.fonts.small, context.fonts.small->FontSize, ImVec2(area.min.x + 14, y),
                           context.theme.text_dim, words);
      y += line;
    };
    if (compare.comparable_states()) entry("states", context.theme.accent);
    if (compare.comparable_outputs()) entry("outputs", context.theme.negative);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const session::Differences* found = shown(session);
    const Compare& compare = session.compare();
    if (!found || position < 1 || position > static_cast<int>(found->states.size())) return {};
    const std::string where = counterpart_words(session, position);
    if (where.empty())
      return "position " + std::to_string(position) + " has no counterpart in the " +
             compare.reference_word();
    const auto i = static_cast<std::size_t>(position - 1);
    std::string text =
        "position " + std::to_string(position) + " minus the " + compare.reference_word() + " " + where;
    const auto add = [&](const char* what, float v) {
      std::array<char, 96> line{};
      std::snprintf(line.data(), line.size(), "\n%s: %.4g", what, static_cast<double>(v));
      if (std::isfinite(v)) text += line.data();
    };
    add("states, length of the difference", found->states[i]);
    add(session.network().spec.task == rnn::Task::NextVector ? "predictions, length of the difference"
                                                             : "outputs, share of the probability that moved",
        found->outputs[i]);
    return text;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }
  bool values(const session::Session& session, TrackValues& out) const override {
    const session::Differences* found = shown(session);
    if (!found) return false;
    out.kind = TrackValues::Kind::Lines;
    out.names = {"difference of the states", "difference of the outputs"};
    out.colours = {class_colour(0, false), class_colour(1, false)};
    out.low = 0;
    out.high = std::max(
        {static_cast<double>(found->largest_states), static_cast<double>(found->largest_outputs), 1e-6});
    out.read = [found](int letter, double* numbers) {
      numbers[0] = static_cast<double>(found->states[static_cast<std::size_t>(letter)]);
      numbers[1] = static_cast<double>(found->outputs[static_cast<std::size_t>(letter)]);
    };
    return true;
  }

 private:
  static const session::Differences* shown(const session::Session& session) {
    const session::Differences* found = session.compare().differences();
    return found && found->states.size() == static_cast<std::size_t>(session.length()) ? found : nullptr;
  }

  Heatmap picture_;
};

}  // namespace

void add_compare_tracks(const session::Session&, int& next_texture,
                        std::vector<std::shared_ptr<Track>>& out) {
  out.push_back(std::make_shared<CompareLettersTrack>(next_texture++));
  out.push_back(std::make_shared<DifferenceSizeTrack>(next_texture++));
  for (int strand = 0; strand < 3; ++strand) out.push_back(make_strand_track(next_texture++, strand));
}

}  // namespace ribostep::ui
