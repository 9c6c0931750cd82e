using System.Runtime.ExceptionServices;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// Imports an export into any store, many chats at once. After a failure, another import continues: chats and turns that exist don't change.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class ChatImporter(IStorageBackend store, TimeProvider time) : IDisposable
{
    private const int MaxChatsAtOnce = 32;

    // The maximum size of the turns that wait, in units of 1 MiB. A turn has at least one unit.
    private const int MaxWaiting = 64;
    private const int Unit = 1 << 20;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    private readonly string _owner = "import-" + Guid.CreateVersion7().ToString("N");
    private readonly SemaphoreSlim _places = new(MaxChatsAtOnce);
    private readonly SemaphoreSlim _waiting = new(MaxWaiting);
    private readonly Lock _gate = new();
    private TransferCounts _counts;
    private Exception? _failure;

    /// <summary>Gets an action that gets the counts after each chat, one call at a time.</summary>
    public Action<TransferCounts>? Progress { get; init; }

    /// <summary>Checks the first line of an export, before a store is opened for it.</summary>
    /// <exception cref="TransferException">The line isn't the header of an export that this release supports.</exception>
    public static void CheckHeader(string? line) => _ = line is null ? throw new TransferException("The export is empty.") : ReadHeader(TransferJson.Read(line, 1), 1);

    /// <summary>Imports all lines. Can be called once.</summary>
    /// <param name="reader">The lines.</param>
    /// <param name="tenant">The tenant that gets the chats. If null, the tenant in the header.</param>
    /// <param name="cancellationToken">Cancels the import between turns.</param>
    /// <exception cref="TransferException">A line isn't valid, the export is truncated, or a chat can't be imported. Earlier chats might be imported.</exception>
    /// <exception cref="ChatStoreException">The store failed.</exception>
    public async Task<TransferCounts> ImportAsync(TextReader reader, string? tenant, CancellationToken cancellationToken)
    {
        // The import owns turns for a moment.
        await store.HeartbeatAsync(_owner, Lease).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using (time.CreateTimer(_ => _ = HeartbeatAsync(), null, HeartbeatInterval, HeartbeatInterval))
        {
            try
            {
                await ReadAsync(reader, tenant, stop).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                await FailAsync(exception, stop).ConfigureAwait(false);
            }

            for (var i = 0; i < MaxChatsAtOnce; i++)
            {
                await _places.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        await store.LeaveAsync(_owner).ConfigureAwait(false);
        return _counts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _waiting.Dispose();
    }

    private static TransferHeader ReadHeader(TransferLine line, long number) => line switch
    {
        { LineCase: not TransferLine.LineOneofCase.Header } => throw Unexpected(line, number),
        { Header.Version: not ChatExporter.Version } =>
            throw new TransferException($"The export has format version {line.Header.Version}. This release supports version {ChatExporter.Version}."),
        _ => line.Header,
    };

    private static TransferException Unexpected(TransferLine line, long number) => new($"Line {number}: unexpected {line.LineCase} record.");

    private async Task ReadAsync(TextReader reader, string? tenant, CancellationTokenSource stop)
    {
        ChatImport? chat = null;
        TransferHeader? header = null;
        var number = 0L;
        try
        {
            while (await reader.ReadLineAsync(stop.Token).ConfigureAwait(false) is { } text)
            {
                number++;
                var line = TransferJson.Read(text, number);
                switch (line.LineCase)
                {
                    case TransferLine.LineOneofCase.Header when number == 1:
                        header = ReadHeader(line, number);
                        break;
                    case TransferLine.LineOneofCase.Chat when header is not null:
                        chat?.Complete();
                        await _places.WaitAsync(stop.Token).ConfigureAwait(false);
                        chat = new ChatImport(store, line.Chat, tenant ?? header.Tenant, _owner, number, time);
                        _ = RunAsync(chat, stop);
                        break;
                    case TransferLine.LineOneofCase.Turn when chat is not null:
                        await AddAsync(chat, line.Turn, text.Length, stop.Token).ConfigureAwait(false);
                        break;
                    case TransferLine.LineOneofCase.DroppedChat when chat is not null:
                        chat.Drop();
                        chat = null;
                        break;
                    case TransferLine.LineOneofCase.Footer when header is not null:
                        return;
                    default:
                        throw Unexpected(line, number);
                }
            }

            throw new TransferException($"The export is truncated: no footer after line {number}.");
        }
        finally
        {
            chat?.Complete();
        }
    }

    private async Task AddAsync(ChatImport chat, TransferTurn turn, int length, CancellationToken cancellationToken)
    {
        var units = Math.Clamp(length / Unit, 1, MaxWaiting);
        for (var i = 0; i < units; i++)
        {
            await _waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        chat.Add(turn, () => _waiting.Release(units));
    }

    // Catches everything itself.
    private async Task RunAsync(ChatImport chat, CancellationTokenSource stop)
    {
        try
        {
            var counts = await chat.RunAsync(stop.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _counts += counts;
                Progress?.Invoke(_counts);
            }
        }
        catch (Exception exception)
        {
            await FailAsync(exception, stop).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    // Only the first failure is reported, because it causes the others.
    private async Task FailAsync(Exception exception, CancellationTokenSource stop)
    {
        lock (_gate)
        {
            _failure ??= exception;
        }

        await stop.CancelAsync().ConfigureAwait(false);
    }

    private async Task HeartbeatAsync()
    {
        try
        {
            await store.HeartbeatAsync(_owner, Lease).ConfigureAwait(false);
        }
        catch (ChatStoreException)
        {
            // The next heartbeat might succeed. If none does, the steps of the turns fail.
        }
    }
}
