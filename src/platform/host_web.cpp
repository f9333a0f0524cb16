// The page and its worker, seen from C++: every function they may call, and every call to them, is in this
// file. Frames are session::Message on both ways. Nothing thrown below gets past here: it becomes a "fatal"
// message.
#include <emscripten.h>

#include <exception>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/version.h"
#include "platform/host.h"
#include "platform/window_sdl.h"

// Module.ribostep* are set by web/boot.js and web/worker.js.
// The frame is put together on the page's side: a large body is copied once.
EM_JS(void, host_post, (const char* head, int head_size, const unsigned char* body, int body_size), {
  const frame = new Uint8Array(4 + head_size + body_size);
  new DataView(frame.buffer).setUint32(0, head_size, true);
  frame.set(HEAPU8.subarray(head, head + head_size), 4);
  frame.set(HEAPU8.subarray(body, body + body_size), 4 + head_size);
  Module["ribostepReceive"](frame);
});
EM_JS(void, host_request_frame, (double delay_ms), { Module["ribostepRequestFrame"](delay_ms); });
EM_JS(void, host_request_work, (double delay_ms), { Module["ribostepRequestWork"](delay_ms); });
EM_JS(double, host_surface, (int what), { return Module["ribostepSurface"](what); });

namespace ribostep::platform {

void post(const session::Message& message) {
  const std::string head = session::head_text(message);
  host_post(head.data(), static_cast<int>(head.size()), message.body.data(),
            static_cast<int>(message.body.size()));
}
double now_ms() { return emscripten_get_now(); }
void request_frame() { host_request_frame(0); }
void request_frame_after(double ms) { host_request_frame(ms); }
void request_work_after(double ms) { host_request_work(ms); }
Surface surface() { return {host_surface(0), host_surface(1), host_surface(2)}; }

namespace {

constexpr double kWorkMs = 8;  // between frames; a click waits no longer than this

// What one instance of the module is: a page with a window and a client, or a worker with its service.
struct Instance {
  FontFiles fonts;
  std::unique_ptr<Window> window;
  std::unique_ptr<Client> client;
  std::unique_ptr<session::WorkerService> worker;
};

Instance& instance() {
  static Instance one;
  return one;
}

// A throw that got this far is a mistake of ours or the end of memory: the page shows it, and stays.
template <typename Work>
void guarded(Work&& work) {
  std::string what;
  try {
    work();
    return;
  } catch (const std::bad_alloc&) {
    what = "Out of memory.";
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "unknown error";
  }
  try {
    post({{{"type", "fatal"}, {"message", what}}, {}});
  } catch (...) {
  }
}

void flush(Client& client) {
  for (const session::Message& message : client.take_outbox()) post(message);
}

void flush(session::WorkerService& worker) {
  for (const session::Message& message : worker.take_outbox()) post(message);
}

// Runs `work` with the page's client, if it has been started, then hands on what it has to say and asks for
// what comes next.
template <typename Work>
void with_client(Work&& work) {
  guarded([&] {
    if (!instance().client) return;
    Client& client = *instance().client;
    work(client, *instance().window);
    flush(client);
    const double due_s = client.work_due(now_ms() / 1000);
    request_work_after(due_s < 0 ? due_s : 1000 * due_s);
  });
}

session::Message decoded(const unsigned char* frame, int length) {
  auto message = session::decode(std::span<const std::uint8_t>(frame, static_cast<std::size_t>(length)));
  if (!message) throw std::runtime_error("a message from the page could not be read");
  return *std::move(message);
}

}  // namespace
}  // namespace ribostep::platform

using ribostep::platform::Client;
using ribostep::platform::instance;
using ribostep::platform::Window;
namespace platform = ribostep::platform;

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* ribostep_version() { return ribostep::version(); }
EMSCRIPTEN_KEEPALIVE const char* ribostep_commit() { return ribostep::commit(); }

// ---- page: start
// --------------------------------------------------------------------------------------------- `which`
// counts as platform::FontFile. Before ribostep_start.
EMSCRIPTEN_KEEPALIVE void ribostep_font(int which, const unsigned char* data, int length) {
  platform::guarded([&] {
    if (which < 0 || which >= platform::kFontFiles) return;
    instance().fonts[static_cast<std::size_t>(which)].assign(data, data + length);
  });
}

// Opens the window. 1, or 0 after a "fatal" message.
EMSCRIPTEN_KEEPALIVE int ribostep_start(int mac) {
  bool open = false;
  platform::guarded([&] {
    auto window = std::make_unique<Window>(std::move(instance().fonts), mac != 0);
    const std::string trouble = window->open();
    if (!trouble.empty()) throw std::runtime_error("The window could not be opened: " + trouble);
    instance().client = platform::make_client(window->textures());
    instance().window = std::move(window);
    open = true;
  });
  return open ? 1 : 0;
}

// ---- page: messages
// --------------------------------------------------------------------------------------------
EMSCRIPTEN_KEEPALIVE void ribostep_receive(const unsigned char* frame, int length) {
  platform::with_client([&](Client& client, Window& window) {
    client.receive(platform::decoded(frame, length));
    window.show(client);
  });
}

EMSCRIPTEN_KEEPALIVE void ribostep_from_worker(const unsigned char* frame, int length) {
  platform::with_client([&](Client& client, Window& window) {
    client.receive_from_worker(platform::decoded(frame, length));
    window.show(client);
  });
}

// ---- page: frames and input
// --------------------------------------------------------------------------------------
EMSCRIPTEN_KEEPALIVE void ribostep_frame() {
  platform::with_client([](Client& client, Window& window) { window.draw(client); });
}

// Between frames: a slice of what is left to do.
EMSCRIPTEN_KEEPALIVE void ribostep_work() {
  platform::with_client([](Client& client, Window& window) {
    client.work(platform::now_ms() / 1000, platform::kWorkMs);
    window.show(client);
  });
}

// Input without drawing, inside a browser event.
EMSCRIPTEN_KEEPALIVE void ribostep_frame_now() {
  platform::with_client([](Client& client, Window& window) { window.run_input(client); });
}

EMSCRIPTEN_KEEPALIVE void ribostep_wheel(float dx, float dy, int zoom) {
  platform::with_client([&](Client&, Window& window) { window.wheel(dx, dy, zoom != 0); });
}

EMSCRIPTEN_KEEPALIVE void ribostep_focus(int focused) {
  platform::with_client([&](Client&, Window& window) { window.focus(focused != 0); });
}

EMSCRIPTEN_KEEPALIVE int ribostep_wants_text() {
  bool wanted = false;
  platform::with_client([&](Client&, Window& window) { wanted = window.wants_text(); });
  return wanted ? 1 : 0;
}

EMSCRIPTEN_KEEPALIVE void ribostep_type(const char* utf8) {
  platform::with_client([&](Client&, Window& window) { window.type(utf8); });
}

// 0 backspace, 1 enter, from a phone's keyboard.
EMSCRIPTEN_KEEPALIVE void ribostep_press(int which) {
  platform::with_client([&](Client&, Window& window) { window.press(which); });
}

EMSCRIPTEN_KEEPALIVE void ribostep_paste(const char* utf8) {
  platform::with_client([&](Client&, Window& window) { window.paste(utf8); });
}

// What the focused text field has selected; valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* ribostep_copy(int cut) {
  static std::string text;
  text.clear();
  platform::with_client([&](Client& client, Window& window) { text = window.copy(client, cut != 0); });
  return text.c_str();
}

EMSCRIPTEN_KEEPALIVE void ribostep_context_lost() {
  platform::with_client([](Client&, Window& window) { window.context_lost(); });
}

EMSCRIPTEN_KEEPALIVE void ribostep_context_restored() {
  platform::with_client([](Client&, Window& window) { window.context_restored(); });
}

// ---- worker
// --------------------------------------------------------------------------------------------------------
EMSCRIPTEN_KEEPALIVE void ribostep_worker_receive(const unsigned char* frame, int length) {
  platform::guarded([&] {
    if (!instance().worker) instance().worker = platform::make_worker_service();
    instance().worker->receive(platform::decoded(frame, length));
    platform::flush(*instance().worker);
  });
}

// 1 while there is more to do.
EMSCRIPTEN_KEEPALIVE int ribostep_worker_run(double budget_ms) {
  bool more = false;
  platform::guarded([&] {
    if (!instance().worker) return;
    more = instance().worker->run(budget_ms, platform::now_ms);
    platform::flush(*instance().worker);
  });
  return more ? 1 : 0;
}

}  // extern "C"
