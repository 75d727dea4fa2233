"""Read any DLMS/COSEM meter: its object list, its attributes, its profiles, its pushes.

`addad.reader.meter_access.open_meter` opens one over any transport, with the secrets of
`addad.reader.credentials.load_credentials`; `addad.reader.scan` reads what it does not know
beforehand, `addad.reader.profile` rows of profiles; `addad.reader.pushes.read_pushes` and
`addad.reader.pushes.PushDecoder` say what a meter pushes.
"""
