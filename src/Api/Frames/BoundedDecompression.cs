using System.IO.Compression;
using GenAI.Chats.Api.Errors;
using Grpc.Core;
using Grpc.Net.Compression;

namespace GenAI.Chats.Api.Frames;

/// <summary>
/// Limits the decompressed size of messages. The gRPC server only limits the compressed size, and a few megabytes can decompress to gigabytes. Data that can't be
/// decompressed is an error of the client.
/// </summary>
internal sealed class BoundedDecompression(ICompressionProvider inner, int maxBytes, ILogger logger) : ICompressionProvider
{
    private readonly int _maxBytes = maxBytes;

    /// <inheritdoc/>
    public string EncodingName => inner.EncodingName;

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => inner.CreateCompressionStream(stream, compressionLevel);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new Unpacked(inner.CreateDecompressionStream(stream), this);

    private RpcException Logged(RpcException fault)
    {
        ErrorLog.MalformedFrame(logger, fault.Status.Detail);
        return fault;
    }

    private sealed class Unpacked(Stream inner, BoundedDecompression compression) : Stream
    {
        private long _bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var read = inner.Read(buffer);
                _bytes += read;
                return _bytes <= compression._maxBytes ? read : throw compression.Logged(RpcErrors.MessageTooLarge(compression._maxBytes));
            }
            catch (InvalidDataException failure)
            {
                throw compression.Logged(RpcErrors.MalformedFrame(failure.Message));
            }
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
