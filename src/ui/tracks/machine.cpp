// The machine along the sequence, beside what the network says: the state each is in after every letter, and
// whether what has been read is accepted. Only what is in sight is walked.
#include "session/machine.h"

#include <algorithm>
#include <cmath>

#include "ui/debug_panels.h"

namespace ribostep::ui {
namespace {

using session::LockStep;
using session::Machine;

enum class Row : std::uint8_t { Machine, Network, Accepts };
constexpr const char* kKeys[] = {"machine state", "network state", "acceptance"};
constexpr const char* kTitles[] = {"Machine", "Network", "Accepts"};
constexpr float kHeights[] = {20, 20, 24};
constexpr float kCrossWidth = 5;  // pixels a letter needs for a cross

std::size_t at(int i) { return static_cast<std::size_t>(i); }

bool followed(const session::Session& session) {
  const Machine& m = session.machine();
  return !m.setup().empty() && session.has_data() && m.lock_obstacle().empty();
}

// f(x0, x1, value) for stretches of letters of one value; from afar, what stands at each pixel.
template <class Get, class F>
void each_run(const Axis& axis, Get get, F f) {
  const bool near = axis.pixels_per_letter() >= 1;
  const int end =
      near ? axis.end_index() : static_cast<int>(std::min(axis.width, axis.x_of(axis.length) - axis.x0));
  for (int i = near ? axis.begin_index() : 0; i < end;) {
    const auto value = [&](int k) {
      return get(near ? k
                      : std::clamp(static_cast<int>(axis.letter_at(axis.x0 + static_cast<float>(k) + 0.5f)),
                                   0, axis.length - 1));
    };
    const int now = value(i);
    int last = i + 1;
    while (last < end && value(last) == now) ++last;
    const auto edge = [&](int k) { return near ? axis.x_of(k) : axis.x0 + static_cast<float>(k); };
    f(edge(i), edge(last), now);
    i = last;
  }
}

class MachineTrack final : public Track {
 public:
  explicit MachineTrack(Row row) : row_(row) {}
  std::string key() const override { return kKeys[static_cast<int>(row_)]; }
  std::string group() const override { return "Machine"; }
  std::string title() const override { return kTitles[static_cast<int>(row_)]; }
  float height() const override { return kHeights[static_cast<int>(row_)]; }
  bool present(const session::Session& session) const override {
    return followed(session) && (row_ != Row::Network || session.machine().compiled());
  }

  void draw(const TrackContext& context, const Area& area) override {
    const LockStep* lock = of(context.session);
    const Axis& axis = context.axis;
    const ImVec2 end(std::min(area.max.x, axis.x_of(axis.length)), area.max.y);
    context.draw.AddRectFilled(area.min, end, context.theme.panel_alt);
    if (lock == nullptr || lock->machine.state.size() != at(axis.length) + 1) return;
    if (row_ == Row::Accepts) {
      for (const bool network : {false, true})
        each_run(
            axis, [&](int t) { return accepts(*lock, network, t + 1); },
            [&](float x0, float x1, int value) { say(context, area, network, x0, x1, value); });
    } else {
      each_run(
          axis, [&](int t) { return state(*lock, t + 1); },
          [&](float x0, float x1, int value) { name(context, area, x0, x1, value); });
    }
    if (row_ != Row::Machine) mark(context, area, *lock);
  }
  void draw_start(const TrackContext& context, const Area& area) override {
    const LockStep* lock = of(context.session);
    if (lock == nullptr || lock->machine.state.empty()) return;
    if (row_ != Row::Accepts) return name(context, area, area.min.x, area.max.x, state(*lock, 0));
    for (const bool network : {false, true})
      say(context, area, network, area.min.x, area.max.x, accepts(*lock, network, 0));
  }

  // The unit that stands for the state lights up, too.
  Hover hover_at(const session::Session& session, int position, float share) const override {
    Hover hover = Track::hover_at(session, position, share);
    const LockStep* lock = of(session);
    const motif::Code* code =
        row_ != Row::Accepts && session.machine().compiled() ? session.machine().code() : nullptr;
    if (lock == nullptr || code == nullptr || position < 0 || at(position) >= lock->machine.state.size())
      return hover;
    for (std::size_t u = 0; u < code->units.size() && hover.unit < 0; ++u)
      if (code->units[u].state == state(*lock, position)) {
        hover.layer = 0;
        hover.unit = static_cast<int>(u);
      }
    return hover;
  }
  std::string value_at(const session::Session& session, int position, float) const override {
    const std::string words = session.machine().lock_words(position);
    return words.empty() ? words : "position " + std::to_string(position) + ": " + words;
  }
  bool values(const session::Session& session, TrackValues& out) const override {
    const LockStep* lock = of(session);
    if (lock == nullptr) return false;
    out.kind = TrackValues::Kind::Lines;
    out.low = 0;
    if (row_ == Row::Accepts) {
      out.names = {"machine accepts", "network accepts"};
      out.high = 1;
    } else {
      out.names = {row_ == Row::Machine ? "machine state" : "network state"};
      out.high = std::max(1, session.machine().stages().minimal->states() - 1);
    }
    for (std::size_t k = 0; k < out.names.size(); ++k)
      out.colours.push_back(class_colour(static_cast<int>(k), out.dark));
    out.read = [this, lock](int letter, double* to) {
      if (at(letter) + 1 >= lock->machine.state.size()) return;
      const auto told = [](int value, int unknown) { return value == unknown ? std::nan("") : value; };
      if (row_ != Row::Accepts) {
        to[0] = told(state(*lock, letter + 1), -1);
        return;
      }
      to[0] = told(accepts(*lock, false, letter + 1), 2);
      to[1] = told(accepts(*lock, true, letter + 1), 2);
    };
    return true;
  }

 private:
  const LockStep* of(const session::Session& session) const {
    const LockStep* lock = session.machine().lock_step();
    if (lock == nullptr || (row_ == Row::Network && lock->told.size() != lock->machine.state.size()))
      return nullptr;
    return lock;
  }
  int state(const LockStep& lock, int position) const {
    return row_ == Row::Network ? lock.told[at(position)] : lock.machine.state[at(position)];
  }
  static int accepts(const LockStep& lock, bool network, int position) {
    return (network ? lock.accepted : lock.machine.accepted)[at(position)];
  }

  // Colours repeat; the number tells.
  static void name(const TrackContext& context, const Area& area, float x0, float x1, int state) {
    const ImU32 fill = state < 0 ? context.theme.grid : class_colour(state, context.theme.dark);
    context.draw.AddRectFilled(ImVec2(x0, area.min.y), ImVec2(x1 - (x1 - x0 > 3 ? 0.5f : 0), area.max.y),
                               fill);
    ImFont* font = context.fonts.mono_small;
    const float left = std::max(x0, area.min.x), right = std::min(x1, area.max.x);
    std::string words = state < 0 ? "?" : motif::state_name(state);
    ImVec2 room = font->CalcTextSizeA(font->FontSize, 1e9f, 0, words.c_str());
    if (room.x > right - left && state >= 0) {
      words.erase(0, 1);
      room = font->CalcTextSizeA(font->FontSize, 1e9f, 0, words.c_str());
    }
    if (room.x > right - left) return;
    context.draw.AddText(font, font->FontSize,
                         ImVec2((left + right - room.x) / 2, (area.min.y + area.max.y - room.y) / 2),
                         state < 0 ? context.theme.text : ink_on(fill), words.c_str());
  }
  // Machine above, network below: filled: accepted; a line: rejected; half: it depends.
  static void say(const TrackContext& context, const Area& area, bool network, float x0, float x1,
                  int value) {
    const float middle = (area.min.y + area.max.y) / 2;
    const float top = network ? middle + 1 : area.min.y + 1, bottom = network ? area.max.y - 1 : middle - 1;
    const float from = value == 1 ? top : value == 0 ? bottom - 2 : (top + bottom) / 2;
    const ImU32 fill = network ? context.theme.positive : context.theme.accent;
    if (network && value == 2) return;  // it says nothing here
    context.draw.AddRectFilled(ImVec2(x0, from), ImVec2(x1, bottom), value == 0 ? faded(fill, 0.5f) : fill);
  }
  static void mark(const TrackContext& context, const Area& area, const LockStep& lock) {
    const Axis& axis = context.axis;
    const auto& places = lock.disagreements;
    const auto position = [](int index) { return static_cast<std::uint32_t>(index + 1); };
    const std::uint32_t last = position(axis.end_index() - 1);
    auto place = std::lower_bound(places.begin(), places.end(), position(axis.begin_index()));
    while (place != places.end() && *place <= last) {
      const int t = static_cast<int>(*place) - 1;
      const float x0 = axis.x_of(t), x1 = std::max(axis.x_of(t + 1), x0 + 1.5f);
      const float y0 = area.min.y + 1, y1 = area.max.y - 1;
      if (x1 - x0 >= kCrossWidth) {
        context.draw.AddRect(ImVec2(x0, y0), ImVec2(x1, y1), context.theme.error, 0, 0, 1.5f);
        context.draw.AddLine(ImVec2(x0, y0), ImVec2(x1, y1), context.theme.error, 1.5f);
        context.draw.AddLine(ImVec2(x0, y1), ImVec2(x1, y0), context.theme.error, 1.5f);
        ++place;
        continue;
      }
      // From afar a mark at the lower edge, one a pixel.
      context.draw.AddRectFilled(ImVec2(x0, y1 - 7), ImVec2(x1, y1), context.theme.error);
      place = std::lower_bound(place + 1, places.end(), position(static_cast<int>(axis.letter_at(x0 + 1))));
    }
  }

  Row row_;
};

}  // namespace

void add_machine_tracks(const session::Session& session, int&, std::vector<std::shared_ptr<Track>>& out) {
  if (!followed(session)) return;
  for (const Row row : {Row::Machine, Row::Network, Row::Accepts})
    out.push_back(std::make_shared<MachineTrack>(row));
}

}  // namespace ribostep::ui
