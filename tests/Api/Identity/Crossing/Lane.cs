using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Google.Protobuf;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <summary>
/// Random calls, one after the other, of all tenants and of nobody, about the same few names. Each answer is compared with what the caller's tenant must have,
/// and searched for what is another's.
/// </summary>
internal sealed partial class Lane
{
    private static readonly string[] Malformed =
    [
        "", "chats", "chats/", "chats//a", "chats/../alpha/a", "chats/alpha/a", "alpha/chats/a", "/chats/a", "chats/a/", "chats/a\0", "chats/%61", "CHATS/a",
        "tenants/alpha/chats/a", "chats/.a", "chats/é", "chats/*",
    ];

    private readonly V1.Chats.ChatsClient _client;
    private readonly RandomCredentials _credentials;
    private readonly Random _random;
    private readonly string _label;
    private readonly string[] _names;
    private readonly Dictionary<string, TenantChats> _tenants;

    // What any caller has seen, and the others may have stolen.
    private readonly List<string> _turnIds = [Guid.NewGuid().ToString("N")];
    private readonly List<string> _requestIds = ["request"];
    private readonly List<(string Token, string? For)> _pageTokens = [("AAAA", null), ("guess", null)];

    public Lane(V1.Chats.ChatsClient client, RandomCredentials credentials, int seed)
    {
        _client = client;
        _credentials = credentials;
        _random = new Random(seed);
        _label = $"lane{seed}";
        _names = [.. Enumerable.Range(0, 6).Select(i => $"chats/{_label}-{i}")];
        _tenants = ((string[])[TenantsServer.Alpha, TenantsServer.Beta, RandomCredentials.Lookalike]).ToDictionary(t => t, t => new TenantChats(t));
    }

    /// <summary>How many answers gave something: calls that are all refused would show nothing.</summary>
    public int Answered { get; private set; }

    private string Filter => $"labels.lane = \"{_label}\"";

    /// <summary>Makes calls; throws at the first answer that is not as it must be.</summary>
    /// <param name="calls">How many.</param>
    /// <param name="failed">Ends all lanes when one has thrown.</param>
    public async Task RunAsync(int calls, CancellationTokenSource failed)
    {
        try
        {
            for (var i = 0; i < calls && !failed.IsCancellationRequested; i++)
            {
                var (headers, tenant) = _credentials.Next(_random);
                await MakeAsync(_random.Next(12), headers, tenant is null ? null : _tenants[tenant]);
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    /// <summary>Compares all that a tenant has with what it must have.</summary>
    public async Task CheckAsync(string tenant, Metadata headers)
    {
        var own = _tenants[tenant];
        var listed = Searched(await _client.ListChatsAsync(new ListChatsRequest { Filter = Filter, PageSize = 1000 }, headers), own);
        Assert.Equal(own.Chats.Keys.Order(), listed.Chats.Select(c => c.Name).Order());
        foreach (var (name, chat) in own.Chats)
        {
            var history = Searched(await _client.GetHistoryAsync(new GetHistoryRequest { Name = name }, headers), own);
            Assert.Equal(chat.Texts, history.History.Select(c => c.Parts[0].Text));
            Assert.Equal(chat.DisplayName, listed.Chats.Single(c => c.Name == name).DisplayName);
        }
    }

    private async Task MakeAsync(int kind, Metadata headers, TenantChats? own)
    {
        var name = _random.Next(20) == 0 ? Pick(Malformed) : Pick(_names);
        switch (kind)
        {
            case 0:
                await CreateAsync(name, headers, own);
                break;
            case 1:
                await DeleteAsync(name, headers, own);
                break;
            case 2:
                await UpdateAsync(name, headers, own);
                break;
            case 3:
                await ListAsync(headers, own);
                break;
            case 4:
                await GetAsync(name, headers, own);
                break;
            case 5:
                await GetHistoryAsync(name, headers, own);
                break;
            case 6:
                await SendAsync(name, headers, own, stream: false);
                break;
            case 7:
                await SendAsync(name, headers, own, stream: true);
                break;
            case 8:
                await RecordAsync(name, headers, own);
                break;
            case 9:
                await GetTurnAsync(name, headers, own);
                break;
            case 10:
                await CancelTurnAsync(name, headers, own);
                break;
            default:
                await ReadTurnAsync(name, headers, own);
                break;
        }
    }

    // An answer, and nothing but what is the caller's.
    private T Searched<T>(T answer, TenantChats own)
        where T : IMessage
    {
        foreach (var other in _tenants.Values.Where(other => other != own))
        {
            Assert.DoesNotContain(other.Mark, answer.ToString()!, StringComparison.Ordinal);
        }

        return answer;
    }

    // Makes a call, and compares how it fails. Null: it failed as it must.
    private async Task<T?> AnswerAsync<T>(Func<Task<T>> call, TenantChats? own, string? name, params string?[] reasons)
        where T : class
    {
        string? expected = own is null ? "UNAUTHENTICATED" : name is not null && !_names.Contains(name) ? "INVALID_FIELD" : reasons.FirstOrDefault(r => r is not null);
        try
        {
            var answer = await call();
            Assert.Null(expected);
            Answered++;
            return answer;
        }
        catch (RpcException refused)
        {
            var failure = Failure.Of(refused);
            Assert.Equal(expected, refused.StatusCode == StatusCode.Unauthenticated ? "UNAUTHENTICATED" : failure.Reason);
            Assert.All(_tenants.Values, t => Assert.DoesNotContain(t.Mark, failure.Message, StringComparison.Ordinal));
            return null;
        }
    }

    private static string? Unless(bool holds, string reason) => holds ? null : reason;

    private static KnownChat? Find(TenantChats? own, string name) => own?.Chats.GetValueOrDefault(name);

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private string NewText(TenantChats? own) => $"{own?.Mark}{_random.Next(1_000_000)}";
}
