//! Reading AWS's own facts from `models/`.
