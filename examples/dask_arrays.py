"""A loss over data in blocks, and its gradient: in threads, then on a cluster.

Needs:  pip install "symgrad[dask]"
Run it with:  python examples/dask_arrays.py
"""

from importlib.util import find_spec

import symgrad as sg


def main() -> None:
    import dask
    import dask.array as da
    from dask.diagnostics import ProgressBar

    # 64 MB in blocks of 800 kB; they could as well come from files.
    x = da.linspace(-3, 3, 4_000_000, chunks=100_000)
    y = 0.5 * da.tanh(2 * x)
    loss = sg.lambdify("(y - a*tanh(b*x))^2", ["a", "b"], backend="dask", reduce="mean")

    with ProgressBar(dt=0.5):
        here = dask.compute(*loss(y=y, a=1.0, b=1.0, x=x))
    print("in threads:  ", here[0].round(6), here[1].round(6))

    if find_spec("distributed"):
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, dashboard_address=None) as cluster,
            Client(cluster),
        ):
            there = dask.compute(*loss(y=y, a=1.0, b=1.0, x=x))
        same = here[0] == there[0] and (here[1] == there[1]).all()
        print("in processes:", there[0].round(6), there[1].round(6))
        print("the same to the last digit:", bool(same))


if __name__ == "__main__":
    if find_spec("dask"):
        main()
    else:
        print('Dask is not installed; pip install "symgrad[dask]"')
