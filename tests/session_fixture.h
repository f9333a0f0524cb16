// A session with its in-process worker and the project's own assets, for tests.
#pragma once
#include <fstream>
#include <iterator>
#include <string>

#include "session/local_worker.h"

namespace ribostep::tests {

struct Fixture {
  session::Session session;
  session::LocalWorker worker{session, [](const std::string& url) -> std::optional<session::Bytes> {
                                std::ifstream file(std::string(RIBOSTEP_SOURCE_DIR) + "/" + url,
                                                   std::ios::binary);
                                if (!file) return std::nullopt;
                                return session::Bytes(std::istreambuf_iterator<char>(file), {});
                              }};

  // The page's opening state.
  explicit Fixture(const std::string& fragment = "") {
    worker.boot(fragment);
    worker.settle();
  }
  void paste(const std::string& text) {
    session.receive(
        {{{"type", "text"}, {"source", "paste"}, {"name", ""}}, session::Bytes(text.begin(), text.end())});
    worker.settle();
  }
  std::string hash() const { return rnn::weights_hash(*session.project().weights); }
  void train_to(std::int64_t updates) {
    session.train();
    worker.settle([&] { return session.training().updates < updates; });
    session.pause();
    worker.settle();
  }
};

// 20 labelled records of 40 letters; half carry TATAAT at a varying place. Written out by a tiny generator
// with fixed numbers, so the text is the same everywhere.
inline std::string planted_fasta() {
  std::string text;
  std::uint32_t state = 12345;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 24u; };
  for (int i = 0; i < 20; ++i) {
    std::string letters;
    for (int t = 0; t < 40; ++t) letters += "ACGT"[next() % 4];
    const bool planted = i % 2 == 0;
    if (planted) letters.replace(5 + next() % 25, 6, "TATAAT");
    text += ">seq" + std::to_string(i + 1) + " label=" + (planted ? "motif" : "none") + "\n" + letters + "\n";
  }
  return text;
}

}  // namespace ribostep::tests
