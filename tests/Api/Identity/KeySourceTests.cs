using System.Collections.Concurrent;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>When the issuer's keys are fetched.</summary>
public sealed class KeySourceTests
{
    private static readonly Issuer First = new("key-1");
    private static readonly Issuer Second = new("key-2");

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<Func<Task<KeySet>>> _answers = new();
    private readonly UrlKeySource _source;
    private int _fetched;

    public KeySourceTests() => _source = new UrlKeySource(
        _ =>
        {
            Interlocked.Increment(ref _fetched);
            return _answers.TryDequeue(out var answer) ? answer() : throw new HttpRequestException("down");
        },
        "https://issuer.test/keys",
        _time,
        NullLogger.Instance);

    [Fact]
    public async Task Get_Several_FetchesOnce()
    {
        var answer = new TaskCompletionSource<KeySet>();
        _answers.Enqueue(() => answer.Task);

        var waiting = Enumerable.Range(0, 5).Select(_ => _source.GetAsync(null, CancellationToken.None).AsTask()).ToArray();
        answer.SetResult(Keys(First));

        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task Get_KeyThatIsNotThere_FetchesAgainButNotAtOnce()
    {
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        _answers.Enqueue(() => Task.FromResult(Keys(First, Second)));
        var before = await _source.GetAsync("key-1", CancellationToken.None);

        Assert.Same(before, await _source.GetAsync("key-2", CancellationToken.None));
        _time.Advance(UrlKeySource.MinPause);
        var after = await _source.GetAsync("key-2", CancellationToken.None);
        Assert.Same(after, await _source.GetAsync("key-3", CancellationToken.None));

        Assert.Equal(2, _fetched);
        Assert.NotEmpty(after!.For("key-2"));
    }

    [Fact]
    public async Task Get_FetchFails_KeepsWhatThereIs()
    {
        Assert.Null(await _source.GetAsync(null, CancellationToken.None));
        _time.Advance(UrlKeySource.MinPause);
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        var keys = await _source.GetAsync(null, CancellationToken.None);
        _time.Advance(UrlKeySource.MinPause);

        Assert.NotNull(keys);
        Assert.Same(keys, await _source.GetAsync("key-2", CancellationToken.None));
        Assert.Equal(3, _fetched);
    }

    [Fact]
    public async Task Get_CallerGoes_TheFetchGoesOn()
    {
        var answer = new TaskCompletionSource<KeySet>();
        _answers.Enqueue(() => answer.Task);
        using var caller = new CancellationTokenSource();
        var gone = _source.GetAsync(null, caller.Token).AsTask();

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        answer.SetResult(Keys(First));

        Assert.NotNull(await _source.GetAsync(null, CancellationToken.None));
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task Reload_AfterAnHour_DropsKeysThatWereWithdrawn()
    {
        var withdrawn = new TaskCompletionSource<KeySet>();
        _answers.Enqueue(() => Task.FromResult(Keys(First, Second)));
        _answers.Enqueue(() => withdrawn.Task);
        var before = await _source.GetAsync(null, CancellationToken.None);

        _source.Reload();
        _time.Advance(UrlKeySource.MaxAge);
        _source.Reload();
        Assert.Same(before, await _source.GetAsync("key-2", CancellationToken.None));
        var asking = _source.GetAsync("key-3", CancellationToken.None).AsTask();
        withdrawn.SetResult(Keys(First));

        Assert.Empty((await asking)!.For("key-2"));
        Assert.Equal(2, _fetched);
    }

    [Fact]
    public async Task Reload_SameKeys_KeepsTheSet()
    {
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        var before = await _source.GetAsync(null, CancellationToken.None);

        _time.Advance(UrlKeySource.MaxAge);

        Assert.Same(before, await _source.GetAsync("key-2", CancellationToken.None));
        Assert.Equal(2, _fetched);
    }

    private static KeySet Keys(params Issuer[] issuers) => KeySet.Read(Issuer.KeySet(issuers));
}
