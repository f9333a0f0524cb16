// The seam between the program and the page it lives in: what the program asks of the page, and what it must
// offer. main.cpp offers it; host_web.cpp is the page. Knows no panel and no browser API.
#pragma once
#include <memory>
#include <vector>

#include "session/message.h"
#include "session/worker_service.h"
#include "ui/fonts.h"
#include "ui/texture.h"

namespace ribostep::platform {

// The program as the page sees it. All calls come on the one thread there is.
class Client {
 public:
  virtual ~Client() = default;
  virtual void receive(session::Message message) = 0;
  virtual void receive_from_worker(const session::Message& message) = 0;
  virtual std::vector<session::Message> take_outbox() = 0;
  virtual void set_fonts(const ui::FontSet& fonts) = 0;
  // Inside an ImGui frame; sizes in CSS pixels.
  virtual void frame(double now_seconds, float width, float height) = 0;
  virtual bool wants_frame() const = 0;
  // Between frames; see ui::App.
  virtual void work(double now_seconds, double budget_ms) = 0;
  virtual double work_due(double now_seconds) const = 0;
};

// Defined in main.cpp: the page calls the first, a worker the second, each at most once.
std::unique_ptr<Client> make_client(ui::TextureStore& textures);
std::unique_ptr<session::WorkerService> make_worker_service();

// Defined by the host.
void post(const session::Message& message);  // to the page; from a worker, to the page that owns it
double now_ms();                             // monotonic
void request_frame();                        // one animation frame, soon
void request_frame_after(double ms);         // one animation frame, later; a new call replaces an open one
// One call of Client::work, later; a new call replaces an open one. Negative: none. Not while the tab is
// hidden.
void request_work_after(double ms);
// What the canvas should be: CSS pixels and device pixels per CSS pixel.
struct Surface {
  double width = 0, height = 0, pixel_ratio = 1;
};
Surface surface();

}  // namespace ribostep::platform
