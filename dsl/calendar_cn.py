"""Working days of mainland China as the State Council announced them: a row per notice, nothing computed.

A row is the year; the number and the date of its notice (国务院办公厅关于…年部分节假日安排的通知); the days
off (single days and spans, both ends included); the weekend days that are worked to make up for them. Days
off on a weekend are kept, so that a row can be read against its notice. A year enters with its notice and
never before: the festivals can be computed, the days of rest around them and the make-up days cannot.
"""

VERSION = "CN-2026.1"

NOTICES = (
    (
        2024,
        "国办发明电〔2023〕7号",
        "2023-10-25",
        "01-01  02-10..02-17  04-04..04-06  05-01..05-05  06-10  09-15..09-17  10-01..10-07",
        "02-04 02-18  04-07  04-28 05-11  09-14  09-29 10-12",
    ),
    (
        2025,
        "国办发明电〔2024〕12号",
        "2024-11-12",
        "01-01  01-28..02-04  04-04..04-06  05-01..05-05  05-31..06-02  10-01..10-08",
        "01-26 02-08  04-27  09-28 10-11",
    ),
    (
        2026,
        "国办发明电〔2025〕7号",
        "2025-11-04",
        "01-01..01-03  02-15..02-23  04-04..04-06  05-01..05-05  06-19..06-21  09-25..09-27  10-01..10-07",
        "01-04  02-14 02-28  05-09  09-20 10-10",
    ),
)
