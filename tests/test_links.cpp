// Links of the past are a promise: each opens and trains again, those of this numerics version to the weights
// their sender had, natively and in WebAssembly; of an older one it is said. What they mean is held by
// test_io_project.cpp.
#include <fstream>
#include <sstream>

#include "doctest/doctest.h"
#include "session/local_worker.h"

using namespace ribostep;

namespace {

std::optional<session::Bytes> from_checkout(const std::string& path) {
  std::ifstream file(std::string(RIBOSTEP_SOURCE_DIR) + "/" + path, std::ios::binary);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return session::Bytes(all.begin(), all.end());
}

}  // namespace

TEST_CASE("the recipes of the corpus come out as they were sent, or it is said that they do not") {
  for (const std::string family :
       {"dilated_coupled_lstm", "circular_gru", "two_level_windows", "codons_embedded", "initial_by_class",
        "encoder_strands", "series_next_vector"})
    for (const int numerics : {0, 1}) {  // NAME.txt, NAME_1.txt
      const std::string name = family + (numerics > 0 ? "_" + std::to_string(numerics) : "");
      CAPTURE(name);
      const auto bytes = from_checkout("tests/links/" + name + ".txt");
      REQUIRE(bytes);
      const std::string link(bytes->begin(), bytes->end());
      const io::ReadProject sent = io::from_fragment(link);
      REQUIRE(sent.ok());
      REQUIRE(sent.project.numerics == numerics);
      REQUIRE(sent.project.weights == nullptr);  // a recipe
      REQUIRE(sent.project.weights_hash.size() == 16);
      REQUIRE(sent.project.updates > 0);
      session::Session session;
      session::LocalWorker worker(session, &from_checkout);
      worker.boot(link.substr(link.find('#')));
      worker.settle();
      CHECK(session.project().model == sent.project.model);
      CHECK(session.project().updates == sent.project.updates);
      REQUIRE(session.project().weights != nullptr);
      const bool same = rnn::weights_hash(*session.project().weights) == sent.project.weights_hash;
      CHECK(same == (numerics == rnn::kNumericsVersion));
      CHECK(session.project().numerics == rnn::kNumericsVersion);  // of the weights that are there now
      int warnings = 0;
      for (const session::Status& status : worker.take_said())
        if (status.severity != Severity::Note) {
          ++warnings;
          CHECK_MESSAGE(status.text.find("numerics version 0, here 1") != std::string::npos, status.text);
        }
      CHECK(warnings == (same ? 0 : 1));
    }
}
