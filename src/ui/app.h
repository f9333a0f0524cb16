// The whole screen of Ribostep: owns the Session and the UiState, lays out the panels, and speaks Messages
// with the page. Knows no window, no GL and no browser: the platform hands it input through ImGui's IO.
#pragma once
#include <memory>
#include <vector>

#include "session/session.h"
#include "ui/fonts.h"

namespace ribostep::ui {

class TextureStore;
struct PanelState;
struct UiState;

class App {
 public:
  explicit App(TextureStore& textures);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  void receive(session::Message message);                     // page -> app
  void receive_from_worker(const session::Message& message);  // worker -> app
  std::vector<session::Message> take_outbox();  // app -> page, after each frame and each receive
  void set_fonts(const FontSet& fonts);         // again whenever the font atlas is rebuilt
  // Between ImGui::NewFrame and ImGui::Render. Sizes in ImGui's units (CSS pixels).
  void frame(double now_seconds, float width, float height);
  // True: something moves by itself (run, training news, an animation), so draw again soon.
  bool wants_frame() const;
  // Between frames, when there is time: what is due (saving, the text mirror) and slices of long work, for
  // about `budget_ms` of `clock_ms`.
  void work(double now_seconds, double budget_ms, double (*clock_ms)());
  // When work() wants to be called, in seconds from `now_seconds`; negative: when something else has
  // happened.
  double work_due(double now_seconds) const;

  session::Session& session();
  UiState& state();
  PanelState& panels();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ribostep::ui
