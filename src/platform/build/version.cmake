# Writes version.cpp (see src/base/version.h) when the version or the commit changed.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=10 HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
set(text "#include \"base/version.h\"\n
namespace ribostep {
const char* version() { return \"${VERSION}\"; }
const char* commit() { return \"${commit}\"; }
}  // namespace ribostep\n")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
