// When the screen is drawn and when it rests: long work goes on between frames, what only waits for its
// moment (saving, the text mirror) draws nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "headless.h"
#include "ui/app.h"
#include "ui/lod.h"

using namespace ribostep;

namespace {

constexpr int kMostFrames = 5;  // that one event may draw; a screen that does not rest draws hundreds

struct Quiet {
  tests::CountingTextures textures;
  ImGuiContext* context = ImGui::CreateContext();
  ui::App app{textures};
  session::LocalWorker worker;
  double now = 1e7;  // behind every clock that LocalWorker may have shown the session

  Quiet()
      : worker(app.session(), [](const std::string& url) -> std::optional<session::Bytes> {
          std::ifstream file(std::string(RIBOSTEP_SOURCE_DIR) + "/" + url, std::ios::binary);
          if (!file) return std::nullopt;
          return session::Bytes(std::istreambuf_iterator<char>(file), {});
        }) {
    ImGui::SetCurrentContext(context);
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = ImVec2(1280, 800);
    ImFont* font = io.Fonts->AddFontDefault();
    io.Fonts->Build();
    io.Fonts->SetTexID(reinterpret_cast<ImTextureID>(std::uintptr_t{1}));
    app.set_fonts({font, font, font, font, font, font});
  }
  ~Quiet() { ImGui::DestroyContext(context); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

  void frame() {
    ImGui::GetIO().DeltaTime = 1.0f / 60;
    now += 1.0 / 60;
    ImGui::NewFrame();
    app.frame(now, 1280, 800);
    ImGui::Render();
  }
  // Draws as long as the screen asks for it.
  int frames_wanted(int most = 200) {
    int drawn = 0;
    while (app.wants_frame() && drawn < most) {
      frame();
      ++drawn;
    }
    return drawn;
  }
  // Lets pass what is due, answering saves, until nothing is; returns the types of what was posted.
  std::vector<std::string> let_pass(int& drawn) {
    std::vector<std::string> posted;
    for (int i = 0; i < 100; ++i) {
      bool answered = false;
      for (const session::Message& message : app.take_outbox()) {
        posted.push_back(message.type());
        if (message.type() != "save") continue;
        app.receive({{{"type", "stored"}, {"key", message.head["key"]}, {"ok", true}, {"error", ""}}, {}});
        answered = true;
      }
      drawn += frames_wanted();
      const double due = app.work_due(now);
      if (due < 0 && !answered) break;
      now += std::max(due, 0.0) + 1e-3;
      app.work(now, 8, [] { return 0.0; });
    }
    return posted;
  }
};

// A clock that shows a millisecond more each time it is looked at.
double ticks = 0;
double ticking() { return ticks += 1; }

class CountedSource final : public ui::LodSource {
 public:
  int rows() const override { return 32; }
  int length() const override { return 50000; }
  void read(int t, float* out) const override {
    ++reads;
    std::fill(out, out + 32, static_cast<float>(t % 7));
  }
  mutable int reads = 0;
};

std::string long_fasta(int letters) {
  std::string text = ">one label=a\n";
  for (int i = 0; i < letters; ++i) text += "ACGT"[(i % 4 * (i % 4) + i / 3) % 4];
  return text + "\n>two label=b\nACGTACGTAC\n";
}

// A page with a sequence whose trace takes many slices.
void paste_long(Quiet& page) {
  page.worker.boot();
  page.worker.settle();
  page.frame();
  const std::string text = long_fasta(60000);
  page.app.receive(
      {{{"type", "text"}, {"source", "paste"}, {"name", ""}}, session::Bytes(text.begin(), text.end())});
}

}  // namespace

TEST_CASE("a step draws a few frames; saving and mirroring draw none") {
  Quiet page;
  page.worker.boot();
  page.worker.settle();
  page.frame();
  int drawn = 0;
  page.let_pass(drawn);
  REQUIRE(page.app.work_due(page.now) < 0);

  page.app.receive({{{"type", "verb"}, {"verb", "step_next"}}, {}});
  CHECK(page.app.wants_frame());
  const int for_the_step = page.frames_wanted();
  CHECK(for_the_step >= 1);
  CHECK(for_the_step <= kMostFrames);
  CHECK(page.app.work_due(page.now) > 0);  // nothing to do, but something is due

  drawn = 0;
  const std::vector<std::string> posted = page.let_pass(drawn);
  CHECK(drawn == 0);
  CHECK(std::count(posted.begin(), posted.end(), "mirror") >= 1);
  CHECK(std::count(posted.begin(), posted.end(), "save") >= 1);
  CHECK(page.app.work_due(page.now) < 0);
}

TEST_CASE("the trace of a long sequence is made between frames, some milliseconds at a time") {
  Quiet page;
  paste_long(page);
  REQUIRE(page.app.session().length() == 60000);
  page.frames_wanted();
  REQUIRE(page.app.session().trace() == nullptr);
  CHECK_FALSE(page.app.wants_frame());  // a progress bar is no reason for 60 frames a second
  CHECK(page.app.work_due(page.now) == 0);

  int calls = 0;
  while (!page.app.session().trace() && calls < 10000) {
    ticks = 0;
    page.app.work(page.now, 8, &ticking);
    CHECK(ticks <= 10);  // 8 ms, one look before and one slice more
    ++calls;
  }
  REQUIRE(page.app.session().trace() != nullptr);
  CHECK(calls > 5);
  CHECK(page.app.wants_frame());
  CHECK(page.app.session().trace()->length == 60000);
}

TEST_CASE("while a long trace is made, frames tell now and then how far it is") {
  Quiet page;
  paste_long(page);
  page.frames_wanted();
  page.app.work(page.now + 0.01, 2, &ticking);
  CHECK_FALSE(page.app.wants_frame());
  page.app.work(page.now + 0.5, 2, &ticking);
  REQUIRE(page.app.session().trace() == nullptr);
  CHECK(page.app.wants_frame());
}

TEST_CASE("while training, a trace that took long is not made again at once") {
  tests::Fixture f;
  f.paste(long_fasta(3000) + long_fasta(3000));
  session::Session& session = f.session;
  rnn::TrainConfig config = session.train_settings();
  config.max_epochs = 1'000'000;  // it must still be training when the next snapshot comes
  session.set_train(config);
  session.train();
  // A budget of nothing: the worker trains, the page makes no trace.
  for (int i = 0; i < 100000 && !session.has_work(); ++i) f.worker.pump(0);
  REQUIRE(session.has_work());
  const std::uint64_t first = session.trace_serial();
  // Slices of ten seconds each.
  static double clock;
  clock = 0;
  while (session.has_work()) session.work(1, [] { return clock += 10'000; });
  CHECK(session.trace_serial() == first + 1);
  const std::int64_t updates = session.training().updates;
  for (int i = 0; i < 100000 && session.training().updates == updates; ++i) f.worker.pump(0);
  REQUIRE(session.training().updates > updates);
  REQUIRE(session.training().state == session::TrainingState::Running);
  // Checkpoints are packed away at once, and nothing else is done.
  const auto work_off = [&] {
    for (int i = 0; i < 1000 && session.has_work(); ++i) session.work(1, [] { return clock += 10'000; });
    REQUIRE_FALSE(session.has_work());
  };
  work_off();
  CHECK(session.trace_serial() == first + 1);
  CHECK(session.due_seconds() >= 0);
  session.pause();
  REQUIRE(session.has_work());
  work_off();
  CHECK(session.trace_serial() ==
        first + 2);  // what is on screen is brought up to date as soon as nobody trains
}

TEST_CASE("level of detail: one call reads what it may, and one cell more at most") {
  const CountedSource source;
  ui::LodPyramid pyramid;
  pyramid.start(source.rows(), source.length(), {0, 7}, ui::Reduce::Mean);
  constexpr std::ptrdiff_t kValues = 32 * 1000;
  int calls = 0;
  for (bool done = false; !done && calls < 1000; ++calls) {
    std::ptrdiff_t budget = kValues;
    source.reads = 0;
    done = pyramid.build(source, budget);
    CHECK(source.reads <= 1000 + (1 << ui::LodPyramid::kFirstLevel));
  }
  CHECK(pyramid.ready());
  CHECK(calls == 50);
}
