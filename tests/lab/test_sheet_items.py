"""The sheet of many records."""

from pathlib import Path

from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.sheet import compose


def test_every_appliance_has_its_trajectory(data_dir: Path) -> None:
    path = data_dir / "waveforms/plaid_125.npz"
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request())
        figure = compose(wanted, measure(wanted))
        voltage = next(recording.blocks([0]))[12, :, 0]
    assert len(figure.axes) == 125
    assert [len(axes.lines) for axes in figure.axes] == [1] * 125
    assert list(figure.axes[12].lines[0].get_xdata()) == list(voltage)
    same_label = [figure.axes[k].lines[0].get_color() for k in (0, 3, 9)]
    assert all((colour == same_label[0]).all() for colour in same_label)
