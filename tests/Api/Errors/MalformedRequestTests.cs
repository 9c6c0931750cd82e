using System.Net;
using System.Net.Http.Headers;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>Bytes that are no request.</summary>
public sealed class MalformedRequestTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    // Neither a lone continuation byte, nor an overlong form, nor half of a surrogate pair, nor the start of a character is UTF-8.
    private static readonly byte[][] NoText = [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [(byte)'a', 0xe2, 0x82]];

    public static TheoryData<string> Methods => [.. V1.Chats.Descriptor.Methods.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task AnyMethod_StringThatIsNotUtf8_IsInvalid(string name)
    {
        var method = V1.Chats.Descriptor.FindMethodByName(name);
        var field = method.InputType.Fields.InFieldNumberOrder().FirstOrDefault(f => f.FieldType == FieldType.String);
        foreach (var text in NoText)
        {
            // UpdateChatRequest has none of its own: the name of its chat, then.
            var message = field is null ? Delimited(1, Delimited(Chat.NameFieldNumber, text)) : Delimited(field.FieldNumber, text);

            var failure = await Raw.RefusedAsync(Server.Channel.CreateCallInvoker(), method, message);

            Assert.Equal((StatusCode.InvalidArgument, "MALFORMED_REQUEST"), (failure.Code, failure.Reason));
            Assert.Contains(method.InputType.FullName, failure.Message, StringComparison.Ordinal);
            Assert.Contains("UTF-8", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_PartThatIsNotUtf8_DoesNothing(bool stream)
    {
        var chat = await Server.NewChatAsync();
        byte[] good = Delimited(Content.PartsFieldNumber, Delimited(Part.TextFieldNumber, "ok"u8.ToArray()));
        byte[] bad = Delimited(Content.PartsFieldNumber, Delimited(Part.TextFieldNumber, NoText[0]));
        byte[] content = Delimited(SendMessageRequest.MessageFieldNumber, [.. good, .. good, .. bad]);
        byte[] message = [.. chat.Message("x").ToByteArray(), .. content];

        var method = V1.Chats.Descriptor.FindMethodByName(stream ? "SendMessageStream" : "SendMessage");
        var failure = await Raw.RefusedAsync(Server.Channel.CreateCallInvoker(), method, message);

        Assert.Equal((StatusCode.InvalidArgument, "MALFORMED_REQUEST"), (failure.Code, failure.Reason));
        Assert.Empty(chat.Requests);
        Assert.Empty(await chat.HistoryAsync());
    }

    [Fact]
    public async Task CreateChat_LabelThatIsNotUtf8_IsInvalid()
    {
        byte[] entry = [.. Delimited(1, "key"u8.ToArray()), .. Delimited(2, NoText[1])];

        var failure = await CreateRefusedAsync(Delimited(CreateChatRequest.LabelsFieldNumber, entry));

        Assert.Equal((StatusCode.InvalidArgument, "MALFORMED_REQUEST"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task CreateChat_UnknownFieldThatIsNotUtf8_IsPassedOver()
    {
        byte[] message = [.. new CreateChatRequest { Model = "echo" }.ToByteArray(), .. Delimited(1000, NoText[0])];

        var reply = await Server.Channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method("CreateChat"), null, default, message);

        Assert.Equal("echo", Chat.Parser.ParseFrom(reply).Model);
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 0x05, 0x61 })]
    [InlineData(new byte[] { 0x0a })]
    [InlineData(new byte[] { 0x0f })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[] { 0x0b })]
    public async Task CreateChat_BytesOfNoMessage_IsInvalid(byte[] message)
    {
        var failure = await CreateRefusedAsync(message);

        Assert.Equal((StatusCode.InvalidArgument, "MALFORMED_REQUEST"), (failure.Code, failure.Reason));
    }

    [Theory]
    [InlineData(27, false)]
    [InlineData(28, true)]
    [InlineData(200, true)]
    [InlineData(5_000, true)]
    public async Task Send_DeeplyNestedStruct_IsRejectedWhereItCouldNotBeReadAgain(int depth, bool refused)
    {
        var chat = await Server.NewChatAsync("echo", Notation.Parse(["u[hi]", "m[call:f]"]));
        byte[] value = new Value { NumberValue = 1 }.ToByteArray();
        for (var i = 0; i < depth; i++)
        {
            value = Delimited(5, Delimited(1, [.. Delimited(1, "k"u8.ToArray()), .. Delimited(2, value)]));
        }

        byte[] args = Delimited(1, [.. Delimited(1, "k"u8.ToArray()), .. Delimited(2, value)]);
        byte[] response = [.. Delimited(FunctionResponse.NameFieldNumber, "f"u8.ToArray()), .. Delimited(FunctionResponse.ResponseFieldNumber, args)];
        byte[] part = Delimited(Part.FunctionResponseFieldNumber, response);
        byte[] name = Delimited(SendMessageRequest.NameFieldNumber, System.Text.Encoding.UTF8.GetBytes(chat.Name));
        byte[] message = [.. name, .. Delimited(SendMessageRequest.MessageFieldNumber, Delimited(Content.PartsFieldNumber, part))];

        if (refused)
        {
            var failure = await Raw.RefusedAsync(
                Server.Channel.CreateCallInvoker(), V1.Chats.Descriptor.FindMethodByName("SendMessage"), message);
            Assert.Equal(StatusCode.InvalidArgument, failure.Code);
            Assert.StartsWith("message.parts[0].function_response.response.fields", failure.Field, StringComparison.Ordinal);
            Assert.True(failure.Field!.Length < 300);
            Assert.Equal(2, (await chat.HistoryAsync()).Length);
        }
        else
        {
            await Server.Channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method("SendMessage"), null, default, message);
            Assert.Equal(4, (await chat.HistoryAsync()).Length);
        }
    }

    [Fact]
    public async Task CreateChat_EmptyMessage_NamesTheFirstFieldThatIsNeeded()
    {
        var failure = await CreateRefusedAsync([]);

        Assert.Equal((StatusCode.InvalidArgument, "model"), (failure.Code, failure.Field));
    }

    [Fact]
    public async Task CreateChat_NoMessageAtAll_FailsAndTheServerGoesOn()
    {
        using var http = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Addresses.Grpc, "/genai.chats.v1.Chats/CreateChat"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
        var status = response.TrailingHeaders.Concat(response.Headers).First(h => h.Key == "grpc-status").Value.Single();
        Assert.NotEqual("0", status);
        await Server.NewChatAsync("echo");
    }

    private Task<Failure> CreateRefusedAsync(byte[] message) =>
        Raw.RefusedAsync(Server.Channel.CreateCallInvoker(), V1.Chats.Descriptor.FindMethodByName("CreateChat"), message);

    private static byte[] Delimited(int field, byte[] value)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(value));
        }

        return stream.ToArray();
    }
}
