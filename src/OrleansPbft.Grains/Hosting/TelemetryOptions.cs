namespace OrleansPbft.Grains;

/// <summary>The section <c>Pbft:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether finished spans are written to the console, one line each. Heard in the Development environment only.</summary>
    /// <value>False by default.</value>
    public bool Console { get; set; }

    /// <summary>Which part of the requests that come without a trace of their own is traced.</summary>
    /// <value>0.01 by default; 0 (none) to 1 (all).</value>
    public double SampleRatio { get; set; } = 0.01;

    /// <summary>Whether replicas note what they receive, do and send, for the diagrams of <c>/v1/traces</c>, the events and the rates of the HTTP API.</summary>
    /// <value>True by default. It takes about half a megabyte a replica at n = 4, and two at n = 64.</value>
    public bool Recorder { get; set; } = true;
}
