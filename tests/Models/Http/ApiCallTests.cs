using System.Net;
using System.Text;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.OpenAi;
using Google.Rpc;

namespace GenAI.Chats.Models.Tests.Http;

/// <summary>Bodies beyond the limit.</summary>
public sealed class ApiCallTests
{
    private const int MaxBytes = 10;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadBodyAsync_BodyBeyondTheLimit_IsTooLarge(bool saysLength)
    {
        var failure = await CallAsync(HttpStatusCode.OK, $$"""{"a":"{{new string('x', MaxBytes)}}"}""", saysLength);

        Assert.Equal((Code.Internal, ModelErrorReasons.ResponseTooLarge), (failure.Code, failure.Reason));
        Assert.Equal($"The model response exceeds the limit of {MaxBytes} bytes.", failure.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_ErrorWithALargeBody_IsKnownByItsStatus(bool saysLength)
    {
        var failure = await CallAsync(HttpStatusCode.NotFound, new string('x', 2 * 1024 * 1024), saysLength);

        Assert.Equal((Code.NotFound, ModelErrorReasons.NotFound), (failure.Code, failure.Reason));
        Assert.Equal("The model API returned 404 Not Found.", failure.Message);
    }

    private static async Task<ModelException> CallAsync(HttpStatusCode status, string body, bool saysLength)
    {
        using var client = new HttpClient(new OneResponse(status, body, saysLength));
        using var deadline = new CallDeadline(TimeSpan.FromMinutes(1), null, TimeProvider.System, CancellationToken.None);
        await using var call = new ApiCall(new OpenAiErrors(secret: null), deadline, MaxBytes);
        return await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await call.SendAsync(client, "http://localhost/", default, []);
            await call.ReadBodyAsync(json => json.ToString());
        });
    }

    private sealed class OneResponse(HttpStatusCode status, string body, bool saysLength) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(body)));
            content.Headers.ContentLength = saysLength ? body.Length : null;
            return Task.FromResult(new HttpResponseMessage(status) { Content = content });
        }
    }
}
