// The one window: SDL's canvas, its GL context, Dear ImGui's context and input.
#include "platform/window_sdl.h"

#include <GLES3/gl3.h>
#include <SDL.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>
#include <imgui_impl_sdl2.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ribostep::platform {
namespace {

constexpr int kFramesAfterInput = 3;      // ImGui settles sizes and hover over up to three frames
constexpr int kFramesAfterNews = 2;       // a text of another length moves what stands below it
constexpr double kCaretMs = 400;          // a text caret blinks
constexpr double kTooltipMs = 650;        // ImGui's stationary and hover delays have passed
constexpr float kLongestStep = 0.5f;      // seconds; after hours of idling animations do not jump
constexpr int kMostInputPasses = 4;       // ImGui spreads a fast click over several frames
constexpr float kPinchToNotches = 40.0f;  // SDL tells a pinch as a share of the screen

ImGuiContext& context() { return *ImGui::GetCurrentContext(); }

}  // namespace

Window::Window(FontFiles fonts, bool mac) : font_files_(std::move(fonts)), mac_(mac) {}

Window::~Window() {
  if (context_ == nullptr) return;
  SDL_DelEventWatch(on_event, this);
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplSDL2_Shutdown();
  ImGui::DestroyContext();
  SDL_GL_DeleteContext(context_);
  SDL_DestroyWindow(window_);
}

std::string Window::open() {
  // Keys go to the canvas only; without this every HTML field of the page is deaf.
  SDL_SetHint(SDL_HINT_EMSCRIPTEN_KEYBOARD_ELEMENT, "#canvas");
  if (SDL_Init(SDL_INIT_VIDEO) != 0) return SDL_GetError();
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
  SDL_GL_SetAttribute(SDL_GL_ALPHA_SIZE, 0);
  SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 0);
  SDL_GL_SetAttribute(SDL_GL_STENCIL_SIZE, 0);
  const Surface page = surface();
  window_ = SDL_CreateWindow("Ribostep", 0, 0, static_cast<int>(page.width), static_cast<int>(page.height),
                             SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
  if (window_ == nullptr) return SDL_GetError();
  context_ = SDL_GL_CreateContext(window_);
  if (context_ == nullptr) return "WebGL 2 is not available";

  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // where panes are belongs to the project, not to a file of ImGui
  io.LogFilename = nullptr;
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  io.ConfigMacOSXBehaviors = mac_;
  ImGui_ImplSDL2_InitForOpenGL(window_, context_);
  ImGui_ImplOpenGL3_Init("#version 300 es");
  io.ClipboardUserData = this;
  io.GetClipboardTextFn = [](void* self) { return static_cast<Window*>(self)->clipboard_.c_str(); };
  io.SetClipboardTextFn = [](void* self, const char* text) {
    Window& window = *static_cast<Window*>(self);
    window.clipboard_ = text;
    if (!window.copying_) post({{{"type", "copy"}, {"text", window.clipboard_}}, {}});
  };
  fit();
  // Last: from here on input asks for frames.
  SDL_AddEventWatch(on_event, this);
  return {};
}

int Window::on_event(void* self, SDL_Event* event) {
  Window& window = *static_cast<Window*>(self);
  if (event->type == SDL_POLLSENTINEL) return 0;  // SDL's own mark in the queue, one for every poll
  window.wake();
  if (event->type == SDL_MOUSEMOTION) request_frame_after(kTooltipMs);
  return 0;
}

void Window::wake() {
  frames_due_ = kFramesAfterInput;
  request_frame();
}

void Window::show(const Client& client) {
  if (lost_ || !client.wants_frame()) return;
  frames_due_ = std::max(frames_due_, kFramesAfterNews);
  request_frame();
}

void Window::fit() {
  const Surface page = surface();
  if (page.width < 1 || page.height < 1) return;
  const bool new_ratio = page.pixel_ratio != surface_.pixel_ratio || fonts_.text == nullptr;
  if (!new_ratio && page.width == surface_.width && page.height == surface_.height) return;
  surface_ = page;
  SDL_SetWindowSize(window_, static_cast<int>(page.width), static_cast<int>(page.height));
  if (!new_ratio) return;
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  fonts_ = build_fonts(font_files_, static_cast<float>(page.pixel_ratio));
  if (!lost_) ImGui_ImplOpenGL3_CreateFontsTexture();
  fonts_changed_ = true;
}

void Window::poll() {
  // A tab or a table's row must have been hovered for a frame before it hears a click. A fast hand moves and
  // presses within one frame, so a press waits for the frame after its move.
  bool moved = context().InputEventsQueue.Size > 0;
  const auto next = [](SDL_Event* event, SDL_eventaction action) {
    return SDL_PeepEvents(event, 1, action, SDL_FIRSTEVENT, SDL_LASTEVENT) == 1;
  };
  input_waits_ = false;
  SDL_PumpEvents();
  SDL_Event event;
  while (next(&event, SDL_PEEKEVENT)) {
    if (event.type == SDL_MOUSEBUTTONDOWN && moved) {
      input_waits_ = true;
      return;
    }
    if (event.type == SDL_MOUSEMOTION) moved = true;
    next(&event, SDL_GETEVENT);
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_MULTIGESTURE && event.mgesture.numFingers == 2) {
      wheel(0.0f, event.mgesture.dDist * kPinchToNotches, true);
    }
  }
}

void Window::begin_frame(Client& client) {
  fit();
  if (fonts_changed_) {
    client.set_fonts(fonts_);
    fonts_changed_ = false;
  }
  poll();
  if (!lost_) ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplSDL2_NewFrame();
  ImGuiIO& io = ImGui::GetIO();
  io.DeltaTime = std::min(io.DeltaTime, kLongestStep);
  ImGui::NewFrame();
  touch_scroll();
  client.frame(now_ms() / 1000.0, io.DisplaySize.x, io.DisplaySize.y);
}

void Window::draw(Client& client) {
  if (lost_) return;
  begin_frame(client);
  ImGui::Render();
  ImDrawData& draw_data = *ImGui::GetDrawData();
  const ImVec2 scale = draw_data.FramebufferScale;
  glViewport(0, 0, static_cast<GLsizei>(draw_data.DisplaySize.x * scale.x),
             static_cast<GLsizei>(draw_data.DisplaySize.y * scale.y));
  const ImVec4& background = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
  glClearColor(background.x, background.y, background.z, 1.0f);
  glClear(GL_COLOR_BUFFER_BIT);
  textures_.resolve(draw_data);
  ImGui_ImplOpenGL3_RenderDrawData(&draw_data);
  // No buffer swap: the browser shows the canvas when the frame callback returns.

  if (frames_due_ > 0) --frames_due_;
  const bool dragging = ImGui::IsAnyMouseDown() && context().ActiveId != 0;
  if (frames_due_ > 0 || dragging || input_waits_ || context().InputEventsQueue.Size > 0 ||
      client.wants_frame()) {
    request_frame();
  } else if (ImGui::GetIO().WantTextInput) {
    request_frame_after(kCaretMs);
  }
}

void Window::run_input(Client& client) {
  int passes = 0;
  do {
    begin_frame(client);
    ImGui::EndFrame();
  } while ((input_waits_ || context().InputEventsQueue.Size > 0) && ++passes < kMostInputPasses);
  wake();
}

// Dear ImGui has no touch scrolling. A finger that went down on nothing that takes a drag moves what is under
// it.
void Window::touch_scroll() {
  ImGuiContext& g = context();
  const ImGuiIO& io = g.IO;
  if (io.MouseSource != ImGuiMouseSource_TouchScreen) return;
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    touched_window_ = g.HoveredWindow != nullptr ? g.HoveredWindow->ID : 0;
  }
  if (!ImGui::IsMouseDown(ImGuiMouseButton_Left) || touched_window_ == 0) return;
  const bool idle =
      g.ActiveId == 0 || (g.ActiveIdWindow != nullptr && g.ActiveId == g.ActiveIdWindow->MoveId);
  if (!idle || !ImGui::IsMouseDragging(ImGuiMouseButton_Left)) return;
  ImGuiWindow* window = ImGui::FindWindowByID(touched_window_);
  while (window != nullptr && window->ScrollMax.y <= 0 && window->ScrollMax.x <= 0)
    window = window->ParentWindow;
  if (window == nullptr) return;
  if (window->ScrollMax.y > 0) ImGui::SetScrollY(window, window->Scroll.y - io.MouseDelta.y);
  if (window->ScrollMax.x > 0) ImGui::SetScrollX(window, window->Scroll.x - io.MouseDelta.x);
}

void Window::wheel(float dx, float dy, bool zoom) {
  ImGuiIO& io = ImGui::GetIO();
  const bool press = zoom && !io.KeyCtrl;
  if (press) io.AddKeyEvent(ImGuiMod_Ctrl, true);
  io.AddMouseWheelEvent(dx, dy);
  if (press) io.AddKeyEvent(ImGuiMod_Ctrl, false);
  wake();
}

void Window::focus(bool focused) {
  ImGui::GetIO().AddFocusEvent(focused);
  if (!focused) SDL_ResetKeyboard();  // or a key held while leaving stays down for ever
  wake();
}

bool Window::wants_text() const { return ImGui::GetIO().WantTextInput; }

void Window::type(const char* utf8) {
  ImGui::GetIO().AddInputCharactersUTF8(utf8);
  wake();
}

void Window::press(int which) {
  const ImGuiKey key = which == 0 ? ImGuiKey_Backspace : ImGuiKey_Enter;
  ImGui::GetIO().AddKeyEvent(key, true);
  ImGui::GetIO().AddKeyEvent(key, false);
  wake();
}

void Window::press_shortcut(int imgui_key) {
  ImGuiIO& io = ImGui::GetIO();
  const ImGuiKey modifier = mac_ ? ImGuiMod_Super : ImGuiMod_Ctrl;
  const bool held = mac_ ? io.KeySuper : io.KeyCtrl;
  if (!held) io.AddKeyEvent(modifier, true);
  io.AddKeyEvent(static_cast<ImGuiKey>(imgui_key), true);
  io.AddKeyEvent(static_cast<ImGuiKey>(imgui_key), false);
  if (!held) io.AddKeyEvent(modifier, false);
  wake();
}

void Window::paste(std::string text) {
  clipboard_ = std::move(text);
  press_shortcut(ImGuiKey_V);
}

std::string Window::copy(Client& client, bool cut) {
  clipboard_.clear();
  copying_ = true;
  press_shortcut(cut ? ImGuiKey_X : ImGuiKey_C);
  run_input(client);
  copying_ = false;
  return clipboard_;
}

void Window::context_lost() {
  lost_ = true;
  textures_.context_lost();
  ImGui_ImplOpenGL3_DestroyDeviceObjects();
  while (glGetError() != GL_NO_ERROR) {
  }
}

void Window::context_restored() {
  lost_ = false;
  ImGui_ImplOpenGL3_CreateDeviceObjects();
  wake();
}

}  // namespace ribostep::platform
