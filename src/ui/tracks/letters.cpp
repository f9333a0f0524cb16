// The sequence itself: coloured cells with letters where they fit, coloured stripes, and the composition of
// each pixel column when far away; what it was before it was edited stands below. Also the annotation a
// record brings along, as classes per position.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "session/edits.h"
#include "ui/heatmap.h"
#include "ui/track.h"

namespace ribostep::ui {
namespace {

constexpr float kLetterWidth = 7;  // pixels a cell needs before its letter is drawn

constexpr float kLetterHeight = 22, kMarkHeight = 5, kGhostHeight = 13;

// A record of a data set never changes, so its content hash, number and edits name its letters.
std::uint64_t record_serial(const session::Session& session) {
  const auto set = static_cast<std::uint64_t>(std::hash<std::string>{}(session.project().data.content_hash));
  return (set * 31 + static_cast<std::uint64_t>(session.project().cursor.sequence)) * 1000003 +
         session.edits().letters_serial();
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

// Marks of edits between the letters and their ghost, told apart by shape: a bar under a changed letter, a
// triangle up under an inserted one, a triangle down where letters are missing.
void mark_changed(const TrackContext& context, float x0, float x1, float y) {
  context.draw.AddRectFilled(ImVec2(x0 + 1, y + 1), ImVec2(x1 - 1, y + 3), context.theme.accent);
}
void mark_inserted(const TrackContext& context, float x, float y) {
  context.draw.AddTriangleFilled(ImVec2(x, y), ImVec2(x - 3.5f, y + kMarkHeight),
                                 ImVec2(x + 3.5f, y + kMarkHeight), context.theme.accent);
}
void mark_deleted(const TrackContext& context, float x, float y) {
  context.draw.AddTriangleFilled(ImVec2(x, y + kMarkHeight + 1), ImVec2(x + 4, y), ImVec2(x - 4, y),
                                 context.theme.warning);
  context.draw.AddLine(ImVec2(x, y - kLetterHeight), ImVec2(x, y), context.theme.warning, 2);
}

class LettersTrack final : public Track {
 public:
  explicit LettersTrack(int texture) : picture_(texture) {}
  std::string key() const override { return "letters"; }
  std::string title() const override { return "Sequence"; }
  std::string note(const session::Session& session) const override {
    return session.edits().letters_edited() ? "below: as given" : std::string();
  }
  float height() const override {
    return edited_ ? kLetterHeight + kMarkHeight + kGhostHeight : kLetterHeight;
  }
  // A series of real values has none.
  bool present(const session::Session& session) const override {
    edited_ = session.has_data() && session.edits().letters_edited();
    return !session.data().alphabet().is_series();
  }

  void draw(const TrackContext& context, const Area& whole) override {
    const std::string_view letters = context.session.letters();
    if (letters.empty()) return;
    const Area area{whole.min, ImVec2(whole.max.x, std::min(whole.max.y, whole.min.y + kLetterHeight))};
    const bio::Alphabet& alphabet = context.session.data().alphabet();
    const bool dark = context.theme.dark;
    const bool close = context.axis.pixels_per_letter() >= kLetterWidth;
    if (close) {
      std::vector<std::uint32_t> fills(256);
      for (int c = 0; c < 256; ++c) {
        fills[static_cast<std::size_t>(c)] = letter_colour(static_cast<char>(c), alphabet, dark);
      }
      draw_cells(context, area, letters, fills, std::vector<char>(256, 1));
    } else {
      const LetterSource source(letters, alphabet.symbols);
      std::vector<std::uint32_t> colours;
      for (const char symbol : alphabet.symbols) colours.push_back(letter_colour(symbol, alphabet, dark));
      colours.push_back(letter_colour('?', alphabet, dark));
      picture_.update(context, source, record_serial(context.session), {0, 1}, Reduce::Mean);
      picture_.draw_stack(context, &source, area, colours);
    }
    if (context.session.edits().letters_edited()) {
      refresh(context.session);
      if (close)
        draw_ghost(context, area.max.y);
      else
        draw_ticks(context, area.max.y);
    }
    if (context.ui.edit.on) draw_caret(context, area);
  }

  std::string value_at(const session::Session& session, int position, float) const override {
    const std::string_view letters = session.letters();
    if (position < 1 || position > static_cast<int>(letters.size())) return {};
    const char letter = letters[static_cast<std::size_t>(position - 1)];
    std::string text = std::string(1, letter) + " at position " + std::to_string(position);
    if (session.data().alphabet().kind == bio::AlphabetKind::Protein) {
      const std::string kind = residue_class(letter);
      if (!kind.empty()) text += " (" + kind + ")";
    } else if (session.data().alphabet().token(letter) >= session.data().alphabet().size()) {
      text += " (ambiguous: read as the mean of its bases)";
    }
    return text + history_of(session, position - 1);
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    out.kind = TrackValues::Kind::Letters;
    out.letters = session.letters();
    out.fill = [alphabet = &session.data().alphabet(), dark = out.dark](char c) {
      return letter_colour(c, *alphabet, dark);
    };
    return !out.letters.empty();
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  // "; was A", "; inserted", "; 2 letters deleted before it".
  std::string history_of(const session::Session& session, int index) const {
    if (!session.edits().letters_edited()) return {};
    refresh(session);
    const bio::EditedLetters& now = session.edits().letters();
    const auto i = static_cast<std::size_t>(index);
    const int origin = now.origin[i];
    std::string text;
    if (origin < 0)
      text = "; inserted";
    else if (now.changed[i])
      text = std::string("; was ") + given_[static_cast<std::size_t>(origin)];
    if (origin >= 0 && origin != index) text += "; position " + std::to_string(origin + 1) + " as given";
    const int missing = origin < 0 ? 0 : origin - before(now, index);
    if (missing > 0)
      text += "; " + std::to_string(missing) + (missing == 1 ? " letter" : " letters") + " deleted before it";
    return text;
  }
  // How many given letters come before letter `index`, as far as they are still there.
  static int before(const bio::EditedLetters& now, int index) {
    for (int i = index - 1; i >= 0; --i)
      if (now.origin[static_cast<std::size_t>(i)] >= 0) return now.origin[static_cast<std::size_t>(i)] + 1;
    return 0;
  }
  void refresh(const session::Session& session) const {
    const std::uint64_t serial = record_serial(session);
    if (given_of_ == serial && !given_.empty()) return;
    given_of_ = serial;
    given_ = session.data().letters(session.project().cursor.sequence);
  }

  void draw_ghost(const TrackContext& context, float y) const {
    const bio::EditedLetters& now = context.session.edits().letters();
    const Axis& axis = context.axis;
    const int end = std::min(axis.end_index(), static_cast<int>(now.letters.size()));
    int next = before(now, axis.begin_index());
    for (int t = axis.begin_index(); t < end; ++t) {
      const auto i = static_cast<std::size_t>(t);
      const float x0 = axis.x_of(t), x1 = axis.x_of(t + 1), x = (x0 + x1) / 2;
      const int origin = now.origin[i];
      if (origin < 0) {
        mark_inserted(context, x, y);
        continue;
      }
      if (origin > next) mark_deleted(context, x0, y);
      next = origin + 1;
      if (now.changed[i]) mark_changed(context, x0, x1, y);
      draw_centred(context, context.fonts.mono_small, given_[static_cast<std::size_t>(origin)],
                   ImVec2(x, y + kMarkHeight + kGhostHeight / 2),
                   now.changed[i] ? context.theme.text : faded(context.theme.text_dim, 0.75f));
    }
    if (end == static_cast<int>(now.letters.size()) && next < static_cast<int>(given_.size()))
      mark_deleted(context, axis.x_of(end), y);
  }
  // From afar: one tick per change; there are never more than some thousands.
  static void draw_ticks(const TrackContext& context, float y) {
    const Axis& axis = context.axis;
    float last = axis.x0 - 8;
    for (const io::RecordEdits& edits : context.session.project().debugging.edits) {
      if (edits.record != context.session.project().cursor.sequence) continue;
      for (const bio::LetterEdit& edit : edits.letters) {
        const float x0 = axis.x_of(edit.at), x1 = axis.x_of(edit.at + static_cast<int>(edit.inserted.size()));
        if (x1 < axis.x0 || x0 > axis.x0 + axis.width || x1 < last + 1) continue;
        context.draw.AddRectFilled(ImVec2(x0, y), ImVec2(std::max(x1, x0 + 2), y + 4), context.theme.accent);
        last = std::max(x1, x0 + 2);
      }
    }
  }
  // Where typed letters go: a heavy frame, or with inserting a bar behind the letter.
  static void draw_caret(const TrackContext& context, const Area& area) {
    const Axis& axis = context.axis;
    const int position = context.session.position();
    const float x0 = position > 0 ? axis.x_of(position - 1) : axis.x0, x1 = axis.x_of(position);
    if (context.ui.edit.inserts || position == 0) {
      context.draw.AddRectFilled(ImVec2(x1 - 1.5f, area.min.y), ImVec2(x1 + 1.5f, area.max.y),
                                 context.theme.accent);
      context.draw.AddTriangleFilled(ImVec2(x1 - 4, area.min.y), ImVec2(x1 + 4, area.min.y),
                                     ImVec2(x1, area.min.y + 5), context.theme.accent);
    } else {
      context.draw.AddRect(ImVec2(x0 - 1, area.min.y), ImVec2(std::max(x1, x0 + 3) + 1, area.max.y),
                           context.theme.accent, 2, 0, 3);
    }
  }

  Heatmap picture_;
  mutable bool edited_ = false;
  mutable std::string given_;  // the letters as given
  mutable std::uint64_t given_of_ = 0;
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
    const std::string_view text = as_read(context.session);
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
    const std::string_view text = as_read(session);
    if (position < 1 || position > static_cast<int>(text.size())) return {};
    const char c = text[static_cast<std::size_t>(position - 1)];
    const std::string what = c == '.' ? std::string("no label") : "labelled " + std::string(1, c);
    return "position " + std::to_string(position) + ": " + what;
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    out.kind = TrackValues::Kind::Letters;
    out.letters = as_read(session);
    out.fill = [classes = bio::position_classes(session.data()), dark = out.dark](char c) {
      const std::uint8_t k = classes.of_character[static_cast<unsigned char>(c)];
      return k < classes.names.size() ? class_colour(k, dark) : letter_colour('?', true, dark);
    };
    return !out.letters.empty();
  }
  void forget(TextureStore& textures) override { picture_.forget(textures); }

 private:
  static std::string_view annotation(const session::Session& session) {
    const int record = session.project().cursor.sequence;
    if (!session.has_data() || record < 0 || record >= session.data().size()) return {};
    return session.data().annotation(record);
  }
  // Of an edited sequence each letter keeps its own; an inserted one has none.
  std::string_view as_read(const session::Session& session) const {
    const std::string_view given = annotation(session);
    if (given.empty() || !session.edits().letters_edited()) return given;
    const std::uint64_t serial = record_serial(session);
    if (moved_of_ == serial && !moved_.empty()) return moved_;
    moved_of_ = serial;
    moved_.clear();
    for (const int origin : session.edits().letters().origin)
      moved_ += origin >= 0 && origin < static_cast<int>(given.size())
                    ? given[static_cast<std::size_t>(origin)]
                    : '.';
    return moved_;
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
  mutable std::string moved_;
  mutable std::uint64_t moved_of_ = 0;
};

}  // namespace

std::shared_ptr<Track> make_letters_track(int texture) { return std::make_shared<LettersTrack>(texture); }
std::shared_ptr<Track> make_annotation_track(int texture) {
  return std::make_shared<AnnotationTrack>(texture);
}

}  // namespace ribostep::ui
