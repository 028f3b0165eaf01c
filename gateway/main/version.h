/* The one place where the version of all three programs stands. */
#ifndef FEDGATE_MAIN_VERSION_H
#define FEDGATE_MAIN_VERSION_H

#define FEDGATE_VERSION "0.1.0"

#endif
