"""Files of a dataset as it has them: with columns of their paths, and nulls for absent ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds

from varimix.sources.blocks import errors_name


def as_in_dataset(
    batch: pa.RecordBatch, schema: pa.Schema, of_path: Mapping[str, object], names: Sequence[str]
) -> pa.RecordBatch:
    """Return columns of a dataset: those of the path, the file's own, or of nulls."""
    fields = [schema.field(name) for name in names]
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names and field.name not in of_path
        else pa.repeat(pa.scalar(of_path.get(field.name)), batch.num_rows).cast(field.type)
        for field in fields
    ]
    return pa.record_batch(columns, schema=pa.schema(fields))


def read_csv_file(
    fragment: ds.Fragment, schema: pa.Schema, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield columns of a CSV file with the dataset's options and types, but on one thread."""
    of_path = ds.get_partition_keys(fragment.partition_expression)
    options = fragment.format.default_fragment_scan_options
    reading, convert = options.read_options, options.convert_options
    reading.use_threads = False
    with errors_name(f"file {fragment.path!r}"):
        own = fragment.physical_schema.names
        of_file = [name for name in names if name in own and name not in of_path]
        convert.include_columns = of_file or own[:1]  # an empty list stands for all
        convert.column_types = {name: schema.field(name).type for name in of_file}
        with (
            fragment.filesystem.open_input_stream(fragment.path) as stream,
            pa.csv.open_csv(stream, reading, fragment.format.parse_options, convert) as reader,
        ):
            for batch in reader:
                yield as_in_dataset(batch, schema, of_path, names)
