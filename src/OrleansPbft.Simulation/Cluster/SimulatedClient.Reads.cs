using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <content>Reads without ordering (rule C-7).</content>
internal sealed partial class SimulatedClient
{
    private readonly Dictionary<long, (Read Message, QuorumRead Machine)> _reads = [];
    private long _lastRead;

    /// <summary>Has it read by asking all replicas; what they do not answer acceptably it submits as one request.</summary>
    public void Read(params ReadOnlyMemory<byte>[] operations)
    {
        var now = _cluster.Time.Now;
        var message = _cluster.Wire.SealRead(Number, ++_lastRead, operations);
        var machine = new QuorumRead(_cluster.Options.Cluster, Id, message.Number, now, _options.RetransmitAfter);
        _reads.Add(message.Number, (message, machine));
        _cluster.Observer.OnReadBegun(this, message);
        SendToAll(message);
        WakeForRead(message.Number);
    }

    private void OnReadReply(ReadReply reply)
    {
        if (_reads.TryGetValue(reply.Number, out var read)) Advance(read.Message, read.Machine, read.Machine.OnReply(_cluster.Time.Now, reply));
    }

    private void Advance(Read message, QuorumRead machine, ReadStep step)
    {
        switch (step)
        {
            case ReadStep.Wait:
                WakeForRead(message.Number);
                break;
            case ReadStep.AskAgain:
                _cluster.Report.Count(Mark.ReadsAskedAgain);
                SendToAll(message);
                WakeForRead(message.Number);
                break;
            case ReadStep.Accept:
                _reads.Remove(message.Number);
                Completed++;
                _cluster.Observer.OnReadEnded(this, message, machine.Accepted);
                break;
            case ReadStep.Order:
                _reads.Remove(message.Number);
                _cluster.Observer.OnReadEnded(this, message, null);
                Submit([.. message.Operations]);
                break;
        }
    }

    private void SendToAll(Read message)
    {
        _cluster.Observer.OnSent(_address, _cluster.Options.Cluster.All, Input.Of(message));
        foreach (var replica in _cluster.Options.Cluster.All) _cluster.Network.Send(_address, replica.Index, message.Envelope);
    }

    private void WakeForRead(long number)
    {
        var due = _reads[number].Machine.Due;
        _cluster.Time.At(due, () =>
        {
            if (_isRetired || !_reads.TryGetValue(number, out var read) || read.Machine.Due > _cluster.Time.Now) return;
            Advance(read.Message, read.Machine, read.Machine.Tick(_cluster.Time.Now));
        });
    }
}
