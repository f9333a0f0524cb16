// The sequence itself: coloured cells with letters where they fit, coloured stripes, and the composition of
// each pixel column when far away. Also the annotation a record brings along, as classes per position.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "ui/heatmap.h"
#include "ui/track.h"

namespace ribostep::ui {
namespace {

constexpr float kLetterWidth = 7;  // pixels a cell needs before its letter is drawn

// A record of a data set never changes, so its content hash and number name its letters.
std::uint64_t record_serial(const session::Session& session) {
  const auto set = static_cast<std::uint64_t>(std::hash<std::string>{}(session.project().data.content_hash));
  return set * 31 + static_cast<std::uint64_t>(session.project().cursor.sequence);
}

void draw_centred(const TrackContext& context, ImFont* font, char letter, ImVec2 centre, ImU32 colour) {
  const std::array<char, 2> text{letter, 0};
  const ImVec2 size = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data());
  context.draw.AddText(font, font->FontSize, ImVec2(centre.x - size.x / 2, centre.y - size.y / 2), colour,
                       text.data());
}

// Each letter as one-hot rows over `symbols`, a last row for everything else.
class LetterSource final : public LodSource {
 public:
  LetterSource(std::string_view letters, std::string_view symbols) : letters_(letters), symbols_(symbols) {}
  int rows() const override { return static_cast<int>(symbols_.size()) + 1; }
  int length() const override { return static_cast<int>(letters_.size()); }
  void read(int t, float* out) const override {
    std::fill(out, out + rows(), 0.0f);
    const std::size_t k = symbols_.find(letters_[static_cast<std::size_t>(t)]);
    out[k == std::string_view::npos ? symbols_.size() : k] = 1;
  }

 private:
  std::string_view letters_, symbols_;
};

void draw_cells(const TrackContext& context, const Area& area, std::string_view text,
                const std::vector<std::uint32_t>& fills, const std::vector<char>& visible) {
  const Axis& axis = context.axis;
  const float cell = axis.pixels_per_letter();
  const float gap = cell >= 10 ? 0.5f : 0.0f;
  ImFont* font = cell >= 10 ? context.fonts.mono : context.fonts.mono_small;
  for (int t = axis.begin_index(); t < axis.end_index(); ++t) {
    const auto i = static_cast<std::size_t>(static_cast<unsigned char>(text[static_cast<std::size_t>(t)]));
    if (!visible[i]) continue;
    const float x0 = axis.x_of(t), x1 = axis.x_of(t + 1);
    context.draw.AddRectFilled(ImVec2(x0 + gap, area.min.y), ImVec2(x1 - gap, area.max.y), fills[i]);
    draw_centred(context, font, text[static_cast<std::size_t>(t)],
                 ImVec2((x0 + x1) / 2, (area.min.y + area.max.y) / 2), ink_on(fills[i]));
  }
}

class LettersTrack final : public Track {
 public:
  explicit LettersTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "letters"; }
  std::string title() const override { return "Sequence"; }
  float height() const override { return 22; }
  // A series of real values has none.
  bool present(const session::Session& session) const override {
    return !session.data().alphabet().is_series();
  }

  void draw(const TrackContext& context, const Area& area) override {
    const std::string_view letters = context.session.letters();
    if (letters.empty()) return;
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const bool nucleic = alphabet.is_nucleic(), dark = context.theme.dark;
    if (context.axis.pixels_per_letter() >= kLetterWidth) {
      std::vector<std::uint32_t> fills(256);
      for (int c = 0; c < 256; ++c) {
        fills[static_cast<std::size_t>(c)] = letter_colour(static_cast<char>(c), nucleic, dark);
      }
      draw_cells(context, area, letters, fills, std::vector<char>(256, 1));
      return;
    }
    const LetterSource source(letters, alphabet.symbols);
    std::vector<std::uint32_t> colours;
    for (const char symbol : alphabet.symbols) colours.push_back(letter_colour(symbol, nucleic, dark));
    colours.push_back(letter_colour('?', nucleic, dark));
    picture_.update(context, source, record_serial(context.session), {0, 1}, Reduce::Mean);
    picture_.draw_stack(context, &source, area, colours);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const std::string_view letters = session.letters();
    if (position < 1 || position > static_cast<int>(letters.size())) return {};
    const char letter = letters[static_cast<std::size_t>(position - 1)];
    std::string text = std::string(1, letter) + " at position " + std::to_string(position);
    if (!session.data().alphabet().is_nucleic()) {
      const std::string kind = residue_class(letter);
      if (!kind.empty()) text += " (" + kind + ")";
    } else if (session.data().alphabet().token(letter) >= session.data().alphabet().size()) {
      text += " (ambiguous: read as the mean of its bases)";
    }
    return text;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  Heatmap picture_;
};

class AnnotationSource final : public LodSource {
 public:
  AnnotationSource(std::string_view text, const bio::PositionClasses& classes)
      : text_(text), classes_(classes) {}
  int rows() const override { return static_cast<int>(classes_.names.size()); }
  int length() const override { return static_cast<int>(text_.size()); }
  void read(int t, float* out) const override {
    std::fill(out, out + rows(), 0.0f);
    const int k = class_of(text_[static_cast<std::size_t>(t)]);
    if (k >= 0) out[k] = 1;
  }
  int class_of(char c) const {
    const std::uint8_t k = classes_.of_character[static_cast<unsigned char>(c)];
    return k < classes_.names.size() ? k : -1;
  }

 private:
  std::string_view text_;
  const bio::PositionClasses& classes_;
};

class AnnotationTrack final : public Track {
 public:
  explicit AnnotationTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "labels"; }
  std::string title() const override { return "Labels"; }
  float height() const override { return 18; }
  bool present(const session::Session& session) const override { return !annotation(session).empty(); }

  void draw(const TrackContext& context, const Area& area) override {
    const std::string_view text = annotation(context.session);
    if (text.empty()) return;
    refresh(context.session);
    const float right = std::min(area.max.x, context.axis.x_of(context.axis.length));
    context.draw.AddRectFilled(area.min, ImVec2(right, area.max.y), context.theme.panel_alt);
    std::vector<std::uint32_t> colours;
    for (std::size_t k = 0; k < classes_.names.size(); ++k) {
      colours.push_back(class_colour(static_cast<int>(k), context.theme.dark));
    }
    const AnnotationSource source(text, classes_);
    if (context.axis.pixels_per_letter() >= kLetterWidth) {
      std::vector<std::uint32_t> fills(256);
      std::vector<char> visible(256, 0);
      for (int c = 0; c < 256; ++c) {
        const int k = source.class_of(static_cast<char>(c));
        if (k < 0) continue;
        fills[static_cast<std::size_t>(c)] = colours[static_cast<std::size_t>(k)];
        visible[static_cast<std::size_t>(c)] = 1;
      }
      draw_cells(context, area, text, fills, visible);
      return;
    }
    picture_.update(context, source, record_serial(context.session), {0, 1}, Reduce::Mean);
    picture_.draw_stack(context, &source, area, colours);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const std::string_view text = annotation(session);
    if (position < 1 || position > static_cast<int>(text.size())) return {};
    const char c = text[static_cast<std::size_t>(position - 1)];
    const std::string what = c == '.' ? std::string("no label") : "labelled " + std::string(1, c);
    return "position " + std::to_string(position) + ": " + what;
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  static std::string_view annotation(const session::Session& session) {
    const int record = session.project().cursor.sequence;
    if (!session.has_data() || record < 0 || record >= session.data().size()) return {};
    return session.data().annotation(record);
  }
  // Scans the whole data set, so only once for each.
  void refresh(const session::Session& session) {
    if (seen_ == session.project().data.content_hash) return;
    seen_ = session.project().data.content_hash;
    classes_ = bio::position_classes(session.data());
  }

  Heatmap picture_;
  bio::PositionClasses classes_;
  std::string seen_;  // content hash the classes are of
};

}  // namespace

std::shared_ptr<Track> make_letters_track(int texture) { return std::make_shared<LettersTrack>(texture); }
std::shared_ptr<Track> make_annotation_track(int texture) {
  return std::make_shared<AnnotationTrack>(texture);
}

}  // namespace ribostep::ui
