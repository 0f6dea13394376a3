"""Commits a number after the other, and prints each once PostgreSQL has answered that it is committed.

It goes on where the connection is lost. What it printed, and the database does not hold afterwards, was lost.
"""

import sys
import time

import psycopg

STATEMENT = b"INSERT INTO committed VALUES (%s)"


def main(url: str) -> None:
    """Commit until killed."""
    number = 0
    while True:
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=2) as opened:
                while True:
                    number += 1
                    opened.execute(STATEMENT, [number])
                    sys.stdout.write(f"{number}\n")
                    sys.stdout.flush()
                    time.sleep(0.05)  # noqa: TID251  (a process of its own, on real time)
        except psycopg.Error as error:
            sys.stderr.write(f"{error}\n")
            time.sleep(0.2)  # noqa: TID251  (as above)


if __name__ == "__main__":
    main(sys.argv[1])
