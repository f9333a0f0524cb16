// The one window: SDL's canvas, its GL context, Dear ImGui's context and input. Draws on demand.
#pragma once
#include <string>

#include "platform/fonts.h"
#include "platform/host.h"
#include "platform/texture_gl.h"

struct SDL_Window;
union SDL_Event;

namespace ribostep::platform {

class Window {
 public:
  // `mac`: shortcuts of text fields use Command.
  Window(FontFiles fonts, bool mac);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  // Creates canvas, context and fonts. Empty string, or what went wrong.
  std::string open();
  GlTextures& textures() { return textures_; }

  // Draws one frame of the client and, while something moves, asks the host for the next.
  void draw(Client& client);
  // Lets the client see the input there is, without drawing. Called inside a browser event, so that a click
  // reaches its verb while the browser still counts it as the user's.
  void run_input(Client& client);
  void wake();                      // input came: draw a few frames
  void show(const Client& client);  // news came: draw them, if the client wants to

  void wheel(float dx, float dy, bool zoom);  // in notches; zoom arrives as Ctrl + wheel
  void focus(bool focused);
  bool wants_text() const;                     // a text field drawn by ImGui has the keyboard
  void type(const char* utf8);                 // from an input method or a phone's keyboard
  void press(int which);                       // a key of that keyboard: 0 backspace, 1 enter
  void paste(std::string text);                // into the focused text field
  std::string copy(Client& client, bool cut);  // out of it
  void context_lost();
  void context_restored();

 private:
  static int on_event(void* self, SDL_Event* event);
  void fit();  // canvas and fonts follow the page's size and pixel ratio
  void poll();
  void begin_frame(Client& client);
  void touch_scroll();
  void press_shortcut(int imgui_key);

  FontFiles font_files_;
  bool mac_;
  GlTextures textures_;
  SDL_Window* window_ = nullptr;
  void* context_ = nullptr;
  ui::FontSet fonts_;
  bool fonts_changed_ = false;
  Surface surface_;
  int frames_due_ = 0;
  bool input_waits_ = false;  // SDL holds input that is for the next frame
  bool lost_ = false;
  std::string clipboard_;
  bool copying_ = false;
  unsigned touched_window_ = 0;  // ImGui's id of what a finger went down on
};

}  // namespace ribostep::platform
