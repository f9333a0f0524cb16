// Puts the program together: the screen for a page, the service for a worker.
#include <utility>

#include "platform/host.h"
#include "ui/app.h"

namespace ribostep::platform {
namespace {

class Page final : public Client {
 public:
  explicit Page(ui::TextureStore& textures) : app_(textures) {}
  void receive(session::Message message) override { app_.receive(std::move(message)); }
  void receive_from_worker(const session::Message& message) override { app_.receive_from_worker(message); }
  std::vector<session::Message> take_outbox() override { return app_.take_outbox(); }
  void set_fonts(const ui::FontSet& fonts) override { app_.set_fonts(fonts); }
  void frame(double now_seconds, float width, float height) override {
    app_.frame(now_seconds, width, height);
  }
  bool wants_frame() const override { return app_.wants_frame(); }
  void work(double now_seconds, double budget_ms) override { app_.work(now_seconds, budget_ms, &now_ms); }
  double work_due(double now_seconds) const override { return app_.work_due(now_seconds); }

 private:
  ui::App app_;
};

}  // namespace

std::unique_ptr<Client> make_client(ui::TextureStore& textures) { return std::make_unique<Page>(textures); }
std::unique_ptr<session::WorkerService> make_worker_service() {
  return std::make_unique<session::WorkerService>();
}

}  // namespace ribostep::platform
