using System.Collections.Concurrent;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>The times when the issuer's keys are fetched.</summary>
public sealed class SigningKeysTests
{
    private static readonly Issuer First = new("key-1");
    private static readonly Issuer Second = new("key-2");

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<Func<Task<SigningKeySet>>> _answers = new();
    private readonly SigningKeys _source;
    private int _fetched;

    public SigningKeysTests() => _source = new SigningKeys(
        () =>
        {
            Interlocked.Increment(ref _fetched);
            return _answers.TryDequeue(out var answer) ? answer() : throw new HttpRequestException("down");
        },
        "https://issuer.test/keys",
        file: null,
        _time,
        NullLogger<SigningKeys>.Instance);

    [Fact]
    public async Task Get_Several_FetchesOnce()
    {
        var answer = new TaskCompletionSource<SigningKeySet>();
        _answers.Enqueue(() => answer.Task);

        var waiting = Enumerable.Range(0, 5).Select(_ => _source.GetAsync(null).AsTask()).ToArray();
        answer.SetResult(Keys(First));

        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task Get_KeyThatIsNotThere_FetchesAgainButNotAtOnce()
    {
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        _answers.Enqueue(() => Task.FromResult(Keys(First, Second)));
        var before = await _source.GetAsync("key-1");

        Assert.Same(before, await _source.GetAsync("key-2"));
        _time.Advance(SigningKeys.MinPause);
        var after = await _source.GetAsync("key-2");
        Assert.Same(after, await _source.GetAsync("key-3"));

        Assert.Equal(2, _fetched);
        Assert.NotEmpty(after!.For("key-2"));
    }

    [Fact]
    public async Task Get_FetchFails_KeepsWhatThereIs()
    {
        Assert.Null(await _source.GetAsync(null));
        _time.Advance(SigningKeys.MinPause);
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        var keys = await _source.GetAsync(null);
        _time.Advance(SigningKeys.MinPause);

        Assert.NotNull(keys);
        Assert.Same(keys, await _source.GetAsync("key-2"));
        Assert.Equal(3, _fetched);
    }

    [Fact]
    public async Task Reload_AfterAnHour_DropsKeysThatWereWithdrawn()
    {
        var withdrawn = new TaskCompletionSource<SigningKeySet>();
        _answers.Enqueue(() => Task.FromResult(Keys(First, Second)));
        _answers.Enqueue(() => withdrawn.Task);
        var before = await _source.GetAsync(null);

        _source.Reload();
        _time.Advance(SigningKeys.MaxAge);
        _source.Reload();
        Assert.Same(before, await _source.GetAsync("key-2"));
        var asking = _source.GetAsync("key-3").AsTask();
        withdrawn.SetResult(Keys(First));

        Assert.Empty((await asking)!.For("key-2"));
        Assert.Equal(2, _fetched);
    }

    [Fact]
    public async Task Reload_SameKeys_KeepsTheSet()
    {
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        _answers.Enqueue(() => Task.FromResult(Keys(First)));
        var before = await _source.GetAsync(null);

        _time.Advance(SigningKeys.MaxAge);

        Assert.Same(before, await _source.GetAsync("key-2"));
        Assert.Equal(2, _fetched);
    }

    private static SigningKeySet Keys(params Issuer[] issuers) => SigningKeySet.Read(Issuer.KeySet(issuers));
}
